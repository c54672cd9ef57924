package io.quorate.ha.postgres;

import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The password file that PostgreSQL's own connections and programs are given: the configured roles,
 * for one server.
 */
final class PassFile {

  private final Instance instance;

  PassFile(Instance instance) {
    this.instance = instance;
  }

  Path path() {
    return instance.stateDir().resolve("pgpass");
  }

  /** Replaces it by lines for the server at {@code host}:{@code port}. */
  void writeFor(String host, int port) throws IOException {
    PostgresConfig config = instance.config();
    List<String> lines = new ArrayList<>();
    Stream.of(Optional.of(config.replication()), config.rewind(), Optional.of(config.superuser()))
        .flatMap(Optional::stream)
        .forEach(role ->
            role.password()
                .ifPresent(password ->
                    lines.add(
                        escaped(host)
                            + ":"
                            + port
                            + ":*:"
                            + escaped(role.username())
                            + ":"
                            + escaped(password.reveal()))));
    DurableFiles.makeDirectory(instance.stateDir());
    DurableFiles.write(path(), String.join("\n", lines) + "\n");
  }

  private static String escaped(String field) {
    return field.replace("\\", "\\\\").replace(":", "\\:");
  }
}
