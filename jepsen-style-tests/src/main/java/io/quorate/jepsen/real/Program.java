package io.quorate.jepsen.real;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The program as built, copied to where the unprivileged user can read it: the distribution named
 * by {@code quorate.dist}, else this process' own class path.
 */
final class Program {

  private Program() {}

  /** Command line up to the verb. */
  static List<String> install(Path target) {
    String distribution = System.getProperty("quorate.dist", "");
    try {
      Files.createDirectories(target);
      if (!distribution.isEmpty()) {
        copyTree(Path.of(distribution), target);
        return List.of(target.resolve("bin/quorate").toString());
      }
      List<String> classPath = new ArrayList<>();
      int number = 0;
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        Path from = Path.of(entry);
        Path to = target.resolve(number++ + "-" + from.getFileName());
        if (Files.isDirectory(from)) {
          copyTree(from, to);
          classPath.add(to.toString());
        } else if (Files.isRegularFile(from)) {
          Files.copy(from, to);
          classPath.add(to.toString());
        }
      }
      return List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-Xmx96m",
          "-Xms16m",
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:TieredStopAtLevel=1",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-cp",
          String.join(File.pathSeparator, classPath),
          "io.quorate.cli.Main");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(
              file, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }
}
