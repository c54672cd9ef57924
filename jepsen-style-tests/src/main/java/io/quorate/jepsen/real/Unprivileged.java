package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL refuses to run as root: everything is started as {@code postgres} there. */
final class Unprivileged {

  private static final String USER = "postgres";

  private Unprivileged() {}

  static boolean needed() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** {@code command} as the unprivileged user. */
  static List<String> command(List<String> command) {
    if (!needed()) {
      return command;
    }
    List<String> all =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups", "--"));
    all.addAll(command);
    return all;
  }

  /** Gives {@code directory} and all below to the unprivileged user. */
  static void own(Path directory) {
    if (!needed()) {
      return;
    }
    try {
      UserPrincipal user =
          directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
                throws IOException {
              Files.setOwner(dir, user);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.setOwner(file, user);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("the user '" + USER + "' is needed to run as root", e);
    }
  }
}
