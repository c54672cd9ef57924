package io.quorate.node.config;

import io.quorate.ha.model.MemberName;
import java.util.Optional;

/** Reads names. */
final class Names {

  private Names() {}

  /** A member's name, which has to be there. */
  static Optional<MemberName> member(Section section, String key) {
    return section
        .requiredText(key, "db1")
        .flatMap(text -> {
          try {
            return Optional.of(new MemberName(text));
          } catch (IllegalArgumentException e) {
            section.error(key, String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  /** The cluster's name: it becomes a part of keys and of file names. */
  static Optional<String> scope(Section section) {
    Optional<String> scope = section.requiredText("scope", "orders");
    if (scope.filter(text -> !text.matches("[A-Za-z0-9._-]{1,63}")).isPresent()) {
      section.error(
          "scope", "must be 1 to 63 of letters, digits, '.', '_', '-', is '" + scope.get() + "'");
      return Optional.empty();
    }
    return scope;
  }
}
