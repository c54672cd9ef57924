package io.quorate.ha.cluster;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.HaTimings;
import io.quorate.store.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The dynamic configuration: {@code bootstrap.dcs} of a member's file and the {@code config} key.
 * Patroni's names; {@code profile}, {@code failover_limit} and {@code failover_window} are ours.
 */
public final class SettingsCodec {

  private static final Set<String> KNOWN =
      Set.of(
          "profile",
          "ttl",
          "loop_wait",
          "retry_timeout",
          "maximum_lag_on_failover",
          "primary_start_timeout",
          "master_start_timeout",
          "primary_unresponsive_timeout",
          "failover_limit",
          "failover_window",
          "member_slots_ttl",
          "pause",
          "postgresql");

  /** Below this a busy server would be taken for a dead one. */
  private static final Duration LEAST_UNRESPONSIVE = Duration.ofSeconds(3);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|min|h|d|)");

  private SettingsCodec() {}

  /**
   * What was understood.
   *
   * @param errors each with the setting's path and the remedy; where there is one, do not use
   *     {@code settings}
   * @param ignored paths that are kept and have no effect here
   */
  public record Parsed(ClusterSettings settings, List<String> errors, List<String> ignored) {
    /** Copies the lists. */
    public Parsed {
      errors = List.copyOf(errors);
      ignored = List.copyOf(ignored);
    }
  }

  /** Reads settings; {@code tree} as YAML or JSON gives it (maps, lists, text, numbers). */
  public static Parsed parse(Map<String, ?> tree) {
    return read(Json.MAPPER.valueToTree(tree));
  }

  /** The value of the {@code config} key for {@code tree}. */
  public static Bytes encode(Map<String, ?> tree) {
    return Json.bytes(Json.MAPPER.valueToTree(tree));
  }

  static Optional<ClusterSettings> decode(Bytes value) {
    return Json.read(value)
        .map(SettingsCodec::read)
        .filter(parsed -> parsed.errors().isEmpty())
        .map(Parsed::settings);
  }

  /** PostgreSQL's parameters in {@code json}, a document of settings; empty where it is none. */
  public static Map<String, String> parameters(String json) {
    return Json.read(Bytes.utf8(json)).map(SettingsCodec::parameters).orElseGet(TreeMap::new);
  }

  private static SortedMap<String, String> parameters(JsonNode tree) {
    TreeMap<String, String> parameters = new TreeMap<>();
    tree.path("postgresql")
        .path("parameters")
        .properties()
        .forEach(e -> parameters.put(e.getKey(), scalar(e.getValue())));
    return parameters;
  }

  private static Parsed read(JsonNode tree) {
    List<String> errors = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    tree.propertyNames().stream().filter(name -> !KNOWN.contains(name)).forEach(ignored::add);
    ClusterSettings defaults = ClusterSettings.defaults();
    HaTimings timings = timings(tree, errors);
    SortedMap<String, String> parameters = parameters(tree);
    ClusterSettings settings =
        new ClusterSettings(
            timings,
            number(tree, "maximum_lag_on_failover", 0, errors)
                .orElse(defaults.maximumLagOnFailover()),
            number(tree, "primary_start_timeout", 0, errors)
                .or(() -> number(tree, "master_start_timeout", 0, errors))
                .map(Duration::ofSeconds)
                .orElse(defaults.primaryStartTimeout()),
            duration(tree, "primary_unresponsive_timeout", LEAST_UNRESPONSIVE, errors)
                .orElse(defaults.primaryUnresponsiveTimeout()),
            number(tree, "failover_limit", 1, errors)
                .map(Long::intValue)
                .orElse(defaults.failoverLimit()),
            number(tree, "failover_window", 1, errors)
                .map(Duration::ofSeconds)
                .orElse(defaults.failoverWindow()),
            flag(tree.path("postgresql"), "use_slots", true, errors),
            duration(tree, "member_slots_ttl", Duration.ZERO, errors)
                .orElse(defaults.memberSlotsTtl()),
            flag(tree, "pause", false, errors),
            parameters);
    return new Parsed(settings, errors, ignored);
  }

  private static HaTimings timings(JsonNode tree, List<String> errors) {
    String profile = Json.text(tree, "profile").orElse("lan");
    HaTimings base =
        switch (profile) {
          case "fast" -> HaTimings.fast();
          case "lan" -> HaTimings.lan();
          case "wan" -> HaTimings.wan();
          default -> {
            errors.add("profile: '" + profile + "' is none of fast, lan, wan");
            yield HaTimings.lan();
          }
        };
    Optional<Long> ttl = number(tree, "ttl", 1, errors);
    if (ttl.isEmpty()) {
      return base;
    }
    Duration life = Duration.ofSeconds(ttl.get());
    Duration renew =
        number(tree, "loop_wait", 1, errors)
            .map(Duration::ofSeconds)
            .filter(wait -> wait.multipliedBy(4).compareTo(life) <= 0)
            .orElse(life.dividedBy(6));
    try {
      return new HaTimings(
          "custom",
          life,
          renew,
          base.stopBudget(),
          base.drift(),
          base.electionMin(),
          base.electionMax(),
          base.pledgeWindow(),
          life,
          base.statusEvery());
    } catch (IllegalArgumentException e) {
      errors.add("ttl: " + e.getMessage());
      return base;
    }
  }

  private static Optional<Long> number(
      JsonNode tree, String field, long minimum, List<String> errors) {
    JsonNode node = tree.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isIntegralNumber() || node.longValue() < minimum) {
      errors.add(field + ": must be a whole number of at least " + minimum + ", is " + node);
      return Optional.empty();
    }
    return Optional.of(node.longValue());
  }

  /** Seconds, or a number with one of Patroni's units. */
  private static Optional<Duration> duration(
      JsonNode tree, String field, Duration least, List<String> errors) {
    JsonNode node = tree.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    Matcher matcher = DURATION.matcher(node.asString().strip());
    if (!matcher.matches()) {
      errors.add(field + ": must be seconds, or a time such as 30min, is " + node);
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    Duration value =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "min" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> Duration.ofSeconds(number);
        };
    if (value.compareTo(least) < 0) {
      errors.add(field + ": must be at least " + least.toSeconds() + " s, is " + node);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private static boolean flag(JsonNode tree, String field, boolean otherwise, List<String> errors) {
    JsonNode node = tree.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    return switch (scalar(node).toLowerCase(java.util.Locale.ROOT)) {
      case "true", "on", "yes", "1" -> true;
      case "false", "off", "no", "0" -> false;
      default -> {
        errors.add(field + ": must be true or false, is " + node);
        yield otherwise;
      }
    };
  }

  private static String scalar(JsonNode node) {
    return node.isBoolean() ? (node.booleanValue() ? "on" : "off") : node.asString();
  }
}
