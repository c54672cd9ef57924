package io.quorate.node.config;

import java.util.List;

/** What came of reading a file. */
public sealed interface ConfigResult {

  /**
   * It can be used.
   *
   * @param ignored settings without effect, each with its place and why
   * @param notices what the operator should know of the others
   */
  record Valid(NodeConfig config, List<String> ignored, List<String> notices)
      implements ConfigResult {
    /** Copies the lists. */
    public Valid {
      ignored = List.copyOf(ignored);
      notices = List.copyOf(notices);
    }
  }

  /** It cannot: every reason, each with file, line, path and remedy, in the order of the file. */
  record Invalid(List<String> errors) implements ConfigResult {
    /** Copies the list. */
    public Invalid {
      errors = List.copyOf(errors);
    }
  }
}
