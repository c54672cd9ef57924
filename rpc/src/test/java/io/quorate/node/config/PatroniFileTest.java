package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.Secret;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import org.junit.jupiter.api.Test;

/** A file written for Patroni: what is refused and why, and that the rest is taken as it is. */
final class PatroniFileTest {

  @Test
  void refusesWhatItCannotHonourAndListsTheRest() {
    assertThat(
            Configs.errors(Configs.resource("patroni.yml")).stream()
                .map(error -> error.replaceFirst("^node.yml:[0-9]+: ([^:]+): .*", "$1"))
                .distinct())
        .containsExactlyInAnyOrder(
            "grpc.listen",
            "etcd3",
            "raft.members",
            "raft.self_addr",
            "raft.partner_addrs",
            "bootstrap.dcs.synchronous_mode",
            "bootstrap.dcs.slots",
            "bootstrap.post_bootstrap");
  }

  @Test
  void isTakenOnceThoseAreSettled() {
    String text =
        Configs.resource("patroni.yml")
            .replaceAll("(?m)^etcd3:.*\n", "")
            .replaceAll("(?m)^raft:.*\n", RAFT)
            .replaceAll("(?m)^  (certfile|keyfile|cafile|verify_client):.*\n", "")
            .replaceAll("(?m)^    (synchronous_mode|slots):.*\n", "")
            .replaceAll("(?m)^  post_bootstrap:.*\n", "");
    ConfigResult.Valid result = Configs.valid("insecure_plaintext: true\n" + text);
    assertThat(result.config().postgres().orElseThrow().usePgRewind()).isTrue();
    assertThat(result.config().postgres().orElseThrow().listenAddresses())
        .isEqualTo("0.0.0.0,127.0.0.1");
    assertThat(result.config().settings().parameters()).containsEntry("archive_mode", "on");
    assertThat(result.config().tags().failoverPriority()).isEqualTo(2);
    assertThat(result.config().access().login()).contains(new Login("ops", new Secret("secret")));
    assertThat(result.config().access().allowlist())
        .containsExactly(AddressRange.parse("10.1.0.0/24"));
    assertThat(
            result.ignored().stream()
                .map(line -> line.replaceFirst("^node.yml:[0-9]+: ([^:]+): .*", "$1")))
        .containsExactlyInAnyOrder(
            "log.dir",
            "log.file_num",
            "log.loggers",
            "ctl.insecure",
            "ctl.certfile",
            "ctl.keyfile",
            "postgresql.proxy_address",
            "postgresql.pgpass",
            "postgresql.create_replica_methods",
            "postgresql.pgbackrest",
            "postgresql.callbacks",
            "postgresql.recovery_conf",
            "watchdog.mode",
            "watchdog.device",
            "watchdog.safety_margin",
            "tags.clonefrom");
  }

  private static final String RAFT =
      """
      raft:
        members:
          - {name: pg-a, address: 10.1.0.11:2380}
          - {name: pg-b, address: 10.1.0.12:2380}
          - {name: pg-c, address: 10.1.0.13:2380}
      """;
}
