package io.quorate.node.config;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What becomes of each key of one section: read, known and without effect, or refused because going
 * on without its effect would be unsafe. A key in no table refuses too: a typing error must not
 * silently mean the default.
 */
final class KeyTable {

  private sealed interface Fate {
    record Read() implements Fate {}

    record Ignored(String why) implements Fate {}

    record Refused(Predicate<ConfigNode> harmless, String remedy) implements Fate {}
  }

  private final Map<String, Fate> fates = new LinkedHashMap<>();

  /** Keys that the section's reader reads. */
  KeyTable read(String... keys) {
    for (String key : keys) {
      fates.put(key, new Fate.Read());
    }
    return this;
  }

  /** Keys of Patroni's that have no effect, each for the same reason. */
  KeyTable ignored(String why, String... keys) {
    for (String key : keys) {
      fates.put(key, new Fate.Ignored(why));
    }
    return this;
  }

  /** A key that refuses, unless its value asks for nothing (absent, empty, off). */
  KeyTable refused(String key, String remedy) {
    return refused(key, KeyTable::asksNothing, remedy);
  }

  /** A key that refuses unless its value is {@code harmless}. */
  KeyTable refused(String key, Predicate<ConfigNode> harmless, String remedy) {
    fates.put(key, new Fate.Refused(harmless, remedy));
    return this;
  }

  /** Whether the key is in the table, whatever becomes of it. */
  boolean knows(String key) {
    return fates.containsKey(key);
  }

  /** Records ignored, refused and unknown keys of {@code section}. */
  void check(Section section) {
    check(section, Set.of());
  }

  /** The same, leaving out {@code extra}, keys of the operator's own naming. */
  void check(Section section, Set<String> extra) {
    for (String key : section.keys()) {
      if (extra.contains(key)) {
        continue;
      }
      Fate fate = fates.get(key);
      if (fate == null) {
        section.error(
            key,
            "is not a setting"
                + nearest(key).map(near -> "; did you mean '" + near + "'?").orElse(": remove it"));
        continue;
      }
      switch (fate) {
        case Fate.Read _ -> {}
        case Fate.Ignored(String why) -> section.ignored(key, why);
        case Fate.Refused(Predicate<ConfigNode> harmless, String remedy) -> {
          if (harmless.test(section.value(key))) {
            section.ignored(key, "asks for nothing");
          } else {
            section.error(key, remedy);
          }
        }
      }
    }
  }

  private static boolean asksNothing(ConfigNode value) {
    return switch (value) {
      case ConfigNode.Nothing _ -> true;
      case ConfigNode.Text(String text, boolean _, int _) ->
          text.isEmpty()
              || text.equals("0")
              || ConfigNode.truth(text).filter(truth -> !truth).isPresent();
      case ConfigNode.Items(var items, int _) -> items.isEmpty();
      case ConfigNode.Fields(var fields, int _) ->
          fields.values().stream().allMatch(field -> asksNothing(field.value()));
    };
  }

  /** The known key within a third of {@code key}'s length in edits, if there is one. */
  Optional<String> nearest(String key) {
    int bound = Math.max(1, key.length() / 3);
    return fates.keySet().stream()
        .filter(known -> distance(key, known) <= bound)
        .min(
            Comparator.<String>comparingInt(known -> distance(key, known))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * Edits that lead from one to the other: a letter more, less, other, or two neighbours swapped.
   * Case and '-' against '_' do not count.
   */
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT).replace('-', '_');
    String b = other.toLowerCase(Locale.ROOT).replace('-', '_');
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int changed = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int fewest = Math.min(changed, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        edits[i][j] = swapped ? Math.min(fewest, 1 + edits[i - 2][j - 2]) : fewest;
      }
    }
    return edits[a.length()][b.length()];
  }
}
