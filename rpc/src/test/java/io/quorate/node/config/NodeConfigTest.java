package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.Secret;
import io.quorate.ha.postgres.PostgresConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every default, and every setting away from its default. */
final class NodeConfigTest {

  private static final MemberName A = new MemberName("a");

  @Test
  void defaults() {
    ConfigResult.Valid result = Configs.valid(Configs.LEAST);
    HostPort rest = new HostPort("127.0.0.1", 8008);
    HostPort grpc = new HostPort("127.0.0.1", 8009);
    HostPort raft = new HostPort("127.0.0.1", 2380);
    HostPort member = new HostPort("127.0.0.1", 2390);
    Path state = Path.of("/var/lib/quorate/demo/a");
    assertThat(result.config())
        .isEqualTo(
            new NodeConfig(
                "demo",
                "/service",
                A,
                state,
                new NodeConfig.Listener(rest, rest),
                new NodeConfig.Listener(grpc, grpc),
                Optional.empty(),
                new NodeConfig.Raft(
                    raft,
                    member,
                    state.resolve("raft"),
                    List.of(new NodeConfig.RaftMember(A, raft, member, grpc, Optional.empty()))),
                Optional.of(
                    new PostgresConfig(
                        "demo",
                        A,
                        Path.of("/data/a"),
                        Configs.PROGRAMS,
                        state,
                        "127.0.0.1",
                        5432,
                        "127.0.0.1",
                        5432,
                        new PostgresConfig.Credentials("postgres", Optional.empty(), Map.of()),
                        new PostgresConfig.Credentials("replicator", Optional.empty(), Map.of()),
                        Optional.empty(),
                        false,
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        true,
                        false,
                        false,
                        1L << 30)),
                ClusterSettings.defaults(),
                Map.of(),
                MemberTags.NONE,
                NodeConfig.LogLevel.INFO,
                new NodeConfig.Access(Optional.empty(), Optional.empty(), List.of()),
                NodeConfig.Tls.OFF));
    assertThat(result.ignored()).isEmpty();
    assertThat(result.notices()).isEmpty();
  }

  @Test
  void everySettingIsTaken() {
    ConfigResult.Valid result = Configs.valid(Configs.resource("full.yml"));
    NodeConfig config = result.config();
    assertThat(config.scope()).isEqualTo("orders");
    assertThat(config.namespace()).isEqualTo("/db/");
    assertThat(config.name()).isEqualTo(new MemberName("pg-b"));
    assertThat(config.stateDir()).isEqualTo(Path.of("/var/lib/quorate/b"));
    assertThat(config.logLevel()).isEqualTo(NodeConfig.LogLevel.WARN);
    assertThat(config.restApi())
        .isEqualTo(
            new NodeConfig.Listener(
                new HostPort("0.0.0.0", 8008), new HostPort("10.1.0.12", 8018)));
    assertThat(config.grpc())
        .isEqualTo(
            new NodeConfig.Listener(
                new HostPort("10.1.0.12", 7000), new HostPort("db-b.example", 7001)));
    assertThat(config.raft())
        .isEqualTo(
            new NodeConfig.Raft(
                new HostPort("0.0.0.0", 2380),
                new HostPort("0.0.0.0", 2500),
                Path.of("/var/lib/quorate/b-raft"),
                List.of(
                    member("pg-a", "10.1.0.11:2380", "10.1.0.11:2390", "10.1.0.11:7001"),
                    member("pg-b", "10.1.0.12:2380", "10.1.0.12:2500", "10.1.0.12:7001"),
                    member("pg-c", "[fd00::3]:2380", "[fd00::3]:2390", "db-c.example:7003"))));
    assertThat(config.tags())
        .isEqualTo(
            new MemberTags(
                false,
                2,
                new TreeMap<>(
                    Map.of("failover_priority", "2", "clonefrom", "true", "zone", "eu-1"))));
  }

  @Test
  void everyPostgresqlSettingIsTaken() {
    PostgresConfig postgres =
        Configs.valid(Configs.resource("full.yml")).config().postgres().orElseThrow();
    assertThat(postgres)
        .isEqualTo(
            new PostgresConfig(
                "orders",
                new MemberName("pg-b"),
                Path.of("/data/pg"),
                Configs.PROGRAMS,
                Path.of("/var/lib/quorate/b"),
                "0.0.0.0,127.0.0.1",
                5433,
                "10.1.0.12",
                5434,
                new PostgresConfig.Credentials(
                    "postgres",
                    Optional.of(new Secret("x")),
                    Map.of("sslmode", "verify-full", "sslrootcert", "/ca.crt")),
                new PostgresConfig.Credentials("repl", Optional.of(new Secret("y")), Map.of()),
                Optional.of(new PostgresConfig.Credentials("rew", Optional.empty(), Map.of())),
                true,
                Map.of(
                    "unix_socket_directories", "/run/postgresql", "work_mem", "8MB", "jit", "off"),
                List.of("local all all peer", "hostssl all all 10.1.0.0/24 scram-sha-256"),
                List.of("m a b"),
                List.of("data-checksums", "encoding=UTF8"),
                List.of("max-rate=50M", "no-verify-checksums"),
                false,
                true,
                true,
                512L << 20));
  }

  @Test
  void everyClusterSettingIsTaken() {
    ConfigResult.Valid result = Configs.valid(Configs.resource("full.yml"));
    assertThat(result.config().settings())
        .isEqualTo(
            new ClusterSettings(
                HaTimings.fast(),
                2_097_152,
                Duration.ofMinutes(1),
                Duration.ofSeconds(12),
                3,
                Duration.ofMinutes(2),
                false,
                Duration.ofMinutes(45),
                true,
                new TreeMap<>(
                    Map.of(
                        "max_connections", "300",
                        "wal_level", "logical",
                        "archive_mode", "on",
                        "fsync", "off"))));
    assertThat(result.config().settingsTree())
        .containsEntry("profile", "fast")
        .containsEntry("failover_limit", 3L)
        .containsEntry("pause", true);
    assertThat(result.ignored())
        .containsExactly(
            "node.yml:6: log.dir: ignored: lines go to stderr in one format",
            "node.yml:6: log.loggers: ignored: lines go to stderr in one format",
            "node.yml:41: postgresql.pgpass: ignored: the password file is kept in 'state_dir'",
            "node.yml:53: postgresql.parameters.max_connections: ignored: must be the same"
                + " everywhere: set it under bootstrap.dcs.postgresql.parameters",
            "node.yml:56: tags.clonefrom: ignored: published, and without effect yet",
            "node.yml:57: watchdog.mode: ignored: asks for nothing",
            "node.yml:57: watchdog.device: ignored: the guardian process stands in");
  }

  @Test
  void etcdsClientsAreServedWhereThatIsAskedFor() {
    NodeConfig config =
        Configs.valid(Configs.LEAST + "\netcd_api: {listen: 127.0.0.1:2379}\n").config();
    HostPort here = at("127.0.0.1:2379");
    assertThat(config.etcdApi()).contains(new NodeConfig.Listener(here, here));
    // The other members' are taken to be at the same port of their hosts.
    assertThat(config.raft().members().getFirst().etcdAddress()).contains(here);
  }

  private static NodeConfig.RaftMember member(
      String name, String address, String memberAddress, String grpcAddress) {
    return new NodeConfig.RaftMember(
        new MemberName(name), at(address), at(memberAddress), at(grpcAddress), Optional.empty());
  }

  private static HostPort at(String text) {
    return HostPort.parse(text, Optional.empty());
  }
}
