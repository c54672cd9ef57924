package io.quorate.node.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects all that is to be said of one file, so that one run shows every error. */
final class Validation {

  /** A message with its place. Line 0: the file as a whole. */
  private record Remark(int line, String text) {}

  private final String file;
  private final List<Remark> errors = new ArrayList<>();
  private final List<Remark> ignored = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();

  Validation(String file) {
    this.file = file;
  }

  /** A reason to refuse: what is wrong at {@code path}, and what to do. */
  void error(int line, String path, String message) {
    errors.add(new Remark(line, path.isEmpty() ? message : path + ": " + message));
  }

  /** A setting that is known and has no effect. */
  void ignored(int line, String path, String why) {
    ignored.add(new Remark(line, path + ": ignored: " + why));
  }

  /** Something that the operator should know of a valid file. */
  void notice(String text) {
    notices.add(text);
  }

  boolean ok() {
    return errors.isEmpty();
  }

  /** {@code file:line: path: message}, in the order of the file. */
  List<String> errors() {
    return placed(errors);
  }

  List<String> ignored() {
    return placed(ignored);
  }

  List<String> notices() {
    return List.copyOf(notices);
  }

  private List<String> placed(List<Remark> remarks) {
    return remarks.stream()
        .sorted(Comparator.comparingInt(Remark::line))
        .map(r -> (r.line() > 0 ? file + ":" + r.line() : file) + ": " + r.text())
        .distinct()
        .toList();
  }
}
