package io.quorate.ha.postgres;

import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Upstream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of the file from which PostgreSQL learns its upstream: what it means, for Quorate,
 * and the settings that say so.
 *
 * @param settings what PostgreSQL reads, in order
 */
record UpstreamSetting(Upstream upstream, Map<String, String> settings) {

  private static final Pattern MEANING =
      Pattern.compile("(?m)^# upstream: (frozen (\\d+)|following (\\S+) (\\d+)|none)$");

  UpstreamSetting {
    settings = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** No upstream: a directory that was just made. */
  static UpstreamSetting none() {
    return new UpstreamSetting(new Upstream.Unknown(), settings("", "", false));
  }

  /** The agent's own socket. Nothing comes from an archive either, and nothing is held back. */
  static UpstreamSetting frozen(Epoch round, Conninfo socket) {
    return new UpstreamSetting(new Upstream.Frozen(round), settings(socket.toString(), "", true));
  }

  /** Another member. */
  static UpstreamSetting following(MemberName member, Epoch epoch, Conninfo source, String slot) {
    return new UpstreamSetting(
        new Upstream.Following(member, epoch), settings(source.toString(), slot, false));
  }

  private static Map<String, String> settings(String conninfo, String slot, boolean frozen) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("primary_conninfo", conninfo);
    settings.put("primary_slot_name", slot);
    settings.put("wal_receiver_create_temp_slot", "off");
    settings.put("recovery_target_timeline", "latest");
    settings.put("recovery_target", "");
    settings.put("recovery_target_lsn", "");
    settings.put("recovery_target_name", "");
    settings.put("recovery_target_time", "");
    settings.put("recovery_target_xid", "");
    // A standby's own configuration never names synchronous standbys: promoted with stale or no
    // names it would acknowledge what others have not got.
    settings.put("synchronous_standby_names", "");
    if (frozen) {
      settings.put("restore_command", "");
      settings.put("recovery_min_apply_delay", "0");
    }
    return settings;
  }

  String conninfo() {
    return settings.getOrDefault("primary_conninfo", "");
  }

  /** The file's text. */
  String text() {
    StringBuilder text = new StringBuilder("# Written by Quorate: do not edit.\n");
    text.append("# upstream: ").append(meaning()).append('\n');
    settings.forEach((name, value) -> text.append(ConfigFiles.line(name, value)));
    return text.toString();
  }

  private String meaning() {
    return switch (upstream) {
      case Upstream.Frozen(Epoch round) -> "frozen " + round;
      case Upstream.Following(MemberName member, Epoch epoch) ->
          "following " + member + " " + epoch;
      case Upstream.Unknown() -> "none";
    };
  }

  /** What a file's text means. */
  static Upstream meaningOf(String text) {
    Matcher matcher = MEANING.matcher(text);
    if (!matcher.find()) {
      return new Upstream.Unknown();
    }
    Optional<String> round = Optional.ofNullable(matcher.group(2));
    Optional<String> member = Optional.ofNullable(matcher.group(3));
    Optional<String> epoch = Optional.ofNullable(matcher.group(4));
    if (round.isPresent()) {
      return new Upstream.Frozen(new Epoch(Long.parseLong(round.get())));
    }
    if (member.isPresent() && epoch.isPresent()) {
      return new Upstream.Following(
          new MemberName(member.get()), new Epoch(Long.parseLong(epoch.get())));
    }
    return new Upstream.Unknown();
  }
}
