package io.quorate.node.config;

import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.cluster.SettingsCodec;
import java.util.List;

/**
 * Judges the dynamic configuration by the rules of {@code bootstrap.dcs}: what a member's file may
 * not say, nobody may put into the store later.
 */
public final class DynamicCheck implements DynamicConfig.Check {

  private static final String PLACE = "config";

  /** A check; it keeps nothing. */
  public DynamicCheck() {}

  @Override
  public DynamicConfig.Findings findings(String json) {
    Validation validation = new Validation(PLACE);
    // JSON is YAML: the same reader, and the same tables.
    YamlReader.read(json, validation)
        .ifPresent(fields -> {
          Section settings = Section.root(validation, fields);
          check(settings);
          PostgresSection.checkShared(settings.section("postgresql"));
        });
    return new DynamicConfig.Findings(
        placeless(validation.errors()), placeless(validation.ignored()));
  }

  /** Checks the mapping {@code dcs} and interprets it. */
  static SettingsCodec.Parsed check(Section dcs) {
    PatroniKeys.DCS.check(dcs);
    SettingsCodec.Parsed parsed = SettingsCodec.parse(dcs.fields().untypedMap());
    for (String error : parsed.errors()) {
      int colon = error.indexOf(':');
      String key = colon < 0 ? "" : error.substring(0, colon);
      dcs.error(key, error.substring(colon + 1).strip());
    }
    return parsed;
  }

  /** Without the place in the text, which nobody wrote by hand. */
  private static List<String> placeless(List<String> remarks) {
    return remarks.stream()
        .map(remark -> remark.replaceFirst("^" + PLACE + "(:[0-9]+)?: ", ""))
        .toList();
  }
}
