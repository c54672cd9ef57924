package io.quorate.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Lets somebody edit a text in the editor of their choice. */
final class Editor {

  private final String command;

  private Editor(String command) {
    this.command = command;
  }

  /** {@code $VISUAL}, {@code $EDITOR}, else the first of the usual ones on {@code $PATH}. */
  static Editor of(Map<String, String> environment) {
    return Stream.of("VISUAL", "EDITOR")
        .map(name -> environment.getOrDefault(name, ""))
        .filter(value -> !value.isBlank())
        .findFirst()
        .or(() -> found(environment.getOrDefault("PATH", "")))
        .map(Editor::new)
        .orElseThrow(() ->
            new CliException(
                "there is no editor: set EDITOR, or say what to change with -s KEY=VALUE,"
                    + " --apply FILE or --replace FILE"));
  }

  private static Optional<String> found(String path) {
    return Stream.of("editor", "vi", "nano")
        .filter(name ->
            Stream.of(path.split(":", -1))
                .anyMatch(dir -> !dir.isEmpty() && Files.isExecutable(Path.of(dir, name))))
        .findFirst();
  }

  /**
   * The text after editing.
   *
   * @throws CliException if the editor fails
   */
  String edit(String text) throws InterruptedException {
    try {
      // May hold what not everybody on this machine is to read.
      Path file =
          Files.createTempFile(
              "quorate-config-",
              ".yml",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        Files.writeString(file, text + "\n");
        // Through a shell: EDITOR may have arguments.
        int status =
            new ProcessBuilder(List.of("/bin/sh", "-c", command + " \"$0\"", file.toString()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
          throw new CliException("'" + command + "' ended with status " + status);
        }
        return Files.readString(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
