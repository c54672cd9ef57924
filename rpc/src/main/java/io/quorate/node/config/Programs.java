package io.quorate.node.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds PostgreSQL's programs when {@code bin_dir} does not say where they are. */
final class Programs {

  /** Where Debian and its kin keep one directory for each major version. */
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  private Programs() {}

  /** The first directory of {@code searchPath} with a {@code postgres}, else Debian's newest. */
  static Optional<Path> find(String searchPath) {
    for (String dir : searchPath.split(":", -1)) {
      if (!dir.isEmpty() && hasServer(Path.of(dir))) {
        return Optional.of(Path.of(dir));
      }
    }
    List<Path> versions = new ArrayList<>();
    if (Files.isDirectory(DEBIAN)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(DEBIAN, "[0-9]*")) {
        entries.forEach(versions::add);
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return versions.stream()
        .filter(version -> version.getFileName().toString().matches("[0-9]{1,4}"))
        .sorted(
            Comparator.comparingInt((Path v) -> Integer.parseInt(v.getFileName().toString()))
                .reversed())
        .map(version -> version.resolve("bin"))
        .filter(Programs::hasServer)
        .findFirst();
  }

  private static boolean hasServer(Path dir) {
    return Files.isExecutable(dir.resolve("postgres"));
  }
}
