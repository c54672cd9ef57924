package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Configurations for tests. */
final class Configs {

  static final Path PROGRAMS = Path.of("/opt/pg/bin");

  /** All that has to be given. */
  static final String LEAST =
      """
      scope: demo
      name: a
      restapi: {listen: 127.0.0.1:8008}
      raft:
        members:
          - {name: a, address: 127.0.0.1:2380}
      postgresql:
        listen: 127.0.0.1:5432
        data_dir: /data/a
        authentication:
          superuser: {username: postgres}
          replication: {username: replicator}
      """;

  /** All that has to be given of a member without PostgreSQL. */
  static final String WITNESS =
      """
      scope: demo
      name: a
      restapi: {listen: 127.0.0.1:8008}
      raft:
        members:
          - {name: a, address: 127.0.0.1:2380}
      witness: true
      """;

  private Configs() {}

  static ConfigResult parse(String text) {
    return ConfigLoader.withPrograms(PROGRAMS).parse("node.yml", text);
  }

  static ConfigResult.Valid valid(String text) {
    ConfigResult result = parse(text);
    assertThat(result).as("%s", result).isInstanceOf(ConfigResult.Valid.class);
    return (ConfigResult.Valid) result;
  }

  static List<String> errors(String text) {
    ConfigResult result = parse(text);
    assertThat(result).as("%s", result).isInstanceOf(ConfigResult.Invalid.class);
    return ((ConfigResult.Invalid) result).errors();
  }

  static String resource(String name) {
    try (var stream = Configs.class.getResourceAsStream(name)) {
      return new String(
          io.quorate.invariant.Invariant.present(stream, "no resource %s", name).readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
