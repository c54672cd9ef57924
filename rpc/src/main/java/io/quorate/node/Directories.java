package io.quorate.node;

import io.quorate.ha.postgres.PostgresConfig;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Looks, before anything is started, whether a member's directories are there for the user that the
 * agent runs as. Makes and changes nothing.
 */
final class Directories {

  private final String user;
  private final Predicate<Path> usable;

  /**
   * Checks for {@code user}.
   *
   * @param user the name to show
   * @param usable whether that user may list, enter and write to an existing directory
   */
  Directories(String user, Predicate<Path> usable) {
    this.user = user;
    this.usable = usable;
  }

  /** Checks for the user of this process. */
  static Directories ofThisProcess() {
    return new Directories(System.getProperty("user.name", "?"), Directories::usable);
  }

  /**
   * Sees that every directory can be used.
   *
   * @throws StartRefusedException naming each setting, directory, user and remedy
   */
  void check(NodeConfig config) {
    List<String> objections = new ArrayList<>();
    objection("state_dir", config.stateDir()).ifPresent(objections::add);
    objection("raft.data_dir", config.raft().dataDir()).ifPresent(objections::add);
    config
        .postgres()
        .map(PostgresConfig::dataDir)
        .flatMap(dir -> objection("postgresql.data_dir", dir).or(() -> foreignOwner(dir)))
        .ifPresent(objections::add);
    if (!objections.isEmpty()) {
      throw new StartRefusedException(String.join("; ", objections));
    }
  }

  /**
   * PostgreSQL refuses to run as root, and so the agent that starts it does.
   *
   * @throws StartRefusedException if this process is root's
   */
  void refuseRoot() {
    if (user.equals("root")) {
      throw new StartRefusedException(
          "the agent runs as root, and PostgreSQL refuses to: start it as the user that owns"
              + " PostgreSQL's files, such as: runuser -u postgres -- quorate run FILE");
    }
  }

  /** Why {@code directory} cannot be used or made; empty when it can. */
  Optional<String> objection(String setting, Path directory) {
    if (Files.isDirectory(directory)) {
      return usable.test(directory)
          ? Optional.empty()
          : Optional.of(
              "%s: the user '%s', whom the agent runs as, may not write to %s (%s): chown %s %s"
                  .formatted(setting, user, directory, describe(directory), user, directory));
    }
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(
          "%s: %s is not a directory: move it away, or name another".formatted(setting, directory));
    }
    Path above = directory;
    while (above.getParent() != null && !Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
      above = above.getParent();
    }
    if (!Files.isDirectory(above)) {
      return Optional.of(
          "%s: %s cannot be made, because %s is not a directory: move that away, or name another"
              .formatted(setting, directory, above));
    }
    return usable.test(above)
        ? Optional.empty()
        : Optional.of(
            "%s: there is no %s, and the user '%s', whom the agent runs as, may not make it in %s"
                    .formatted(setting, directory, user, above)
                + " (%s): as root, install -d -o %s -m 0700 %s"
                    .formatted(describe(above), user, directory));
  }

  private static boolean usable(Path directory) {
    return Files.isReadable(directory)
        && Files.isWritable(directory)
        && Files.isExecutable(directory);
  }

  /** PostgreSQL starts only in a directory of its own user, whatever the permissions are. */
  private Optional<String> foreignOwner(Path dataDir) {
    try {
      if (Files.isDirectory(dataDir) && !Files.getOwner(dataDir).getName().equals(user)) {
        return Optional.of(
            "postgresql.data_dir: %s belongs to '%s', but the agent runs as '%s', and PostgreSQL"
                    .formatted(dataDir, Files.getOwner(dataDir).getName(), user)
                + " starts only in a directory of its own user: run the agent as that user, or"
                + " chown -R %s %s".formatted(user, dataDir));
      }
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.of("postgresql.data_dir: " + StartFailures.reason(e));
    }
    return Optional.empty();
  }

  private static String describe(Path directory) {
    try {
      return Files.getOwner(directory).getName()
          + " "
          + PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    } catch (IOException | UnsupportedOperationException e) {
      return "owner not known";
    }
  }
}
