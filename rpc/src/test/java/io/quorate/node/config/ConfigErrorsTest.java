package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every error says where it is and what to do, and one run finds them all. */
final class ConfigErrorsTest {

  @Test
  void allErrorsAreFoundAtOnceInTheOrderOfTheFile() {
    String text =
        """
        scope: my scope
        nmae: a
        restapi:
          listen: 127.0.0.1:80080
        raft:
          members:
            - {name: a, address: 10.0.0.1}
            - {name: b, adress: 10.0.0.2:2380}
        postgresql:
          listen: 127.0.0.1
          data_dir: data
        bootstrap:
          dcs: {ttl: 2, profile: quick}
        """;
    assertThat(Configs.errors(text))
        .containsExactly(
            "node.yml:1: scope: must be 1 to 63 of letters, digits, '.', '_', '-', is 'my scope'",
            "node.yml:1: name: is required, for example 'name: db1'",
            "node.yml:2: nmae: is not a setting; did you mean 'name'?",
            "node.yml:4: restapi.listen: port must be 1 to 65535, is 80080; expected HOST:PORT",
            "node.yml:7: raft.members[0].address: '10.0.0.1' has no port: write 10.0.0.1:PORT;"
                + " expected HOST:PORT",
            "node.yml:8: raft.members[1].adress: is not a setting; did you mean 'address'?",
            "node.yml:8: raft.members[1].address: is required: the member's Raft port, HOST:PORT",
            "node.yml:10: postgresql.authentication.superuser.username: is required, for example"
                + " 'username: superuser'",
            "node.yml:10: postgresql.authentication.replication.username: is required, for example"
                + " 'username: replication'",
            "node.yml:11: postgresql.data_dir: must be an absolute path, is 'data'",
            "node.yml:13: bootstrap.dcs.profile: 'quick' is none of fast, lan, wan",
            "node.yml:13: bootstrap.dcs.ttl: ttl − stop budget must exceed a change of the store's"
                + " leader (2 × 800 ms), else losing that host costs a failover too");
  }

  @Test
  void copiesStayPlainAndWhole() {
    assertThat(
            Configs.errors(
                Configs.resource("full.yml").replace("- no-verify-checksums", "- waldir: /wal")))
        .containsExactly(
            "node.yml:46: postgresql.basebackup: option 'waldir' cannot be given, for a copy is"
                + " plain, complete and synced: possible are checkpoint, manifest-checksums,"
                + " manifest-force-encode, max-rate, no-manifest, no-verify-checksums, progress,"
                + " verbose");
  }

  @ParameterizedTest
  @CsvSource({"31k, false", "32, true", "1024M, true", "1025M, false", "1G, false", "fast, false"})
  void copiesGoAtARateThatTheProgramKnows(String rate, boolean valid) {
    String file = Configs.resource("full.yml").replace("max-rate: 50M", "max-rate: " + rate);
    if (valid) {
      assertThat(Configs.valid(file).config().postgres().orElseThrow().basebackupOptions())
          .contains("max-rate=" + rate);
    } else {
      assertThat(Configs.errors(file))
          .containsExactly(
              "node.yml:46: postgresql.basebackup: max-rate must be from 32k to 1024M a second, is '"
                  + rate
                  + "'");
    }
  }

  /** One line added to a valid file, and what is said of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          etcd3: {host: 127.0.0.1}              | etcd3: Quorate keeps its own store
          etcd_api: {}                          | etcd_api.listen: is required
          etcd_api: {listen: 127.0.0.1:8008}    | etcd_api.listen: 127.0.0.1:8008 is taken by restapi
          etcd_api: {listen: 10.0.0.1:2379}     | etcd_api.listen:
          kubernetes: {use_endpoints: true}     | kubernetes: Quorate keeps its own store
          citus: {group: 0, database: x}        | citus: Citus clusters are not carried
          bootstrap: {method: pgbackrest}       | bootstrap.method: only initdb is carried
          bootstrap: {post_init: /x}            | bootstrap.post_init: not carried yet
          bootstrap: {initdb: [{pgdata: /x}]}   | bootstrap.initdb: option 'pgdata' is set by Quorate
          bootstrap: {dcs: {synchronous_mode: on}} | synchronous_mode: synchronous replication is not
          bootstrap: {dcs: {synchronous_mode: quorum}} | synchronous_mode: synchronous replication is not
          bootstrap: {dcs: {standby_cluster: {host: x}}} | standby_cluster: standby clusters are not
          bootstrap: {dcs: {slots: {cdc: }}}    | bootstrap.dcs.slots: permanent slots are not
          bootstrap: {dcs: {tll: 30}}           | bootstrap.dcs.tll: is not a setting; did you mean 'ttl'?
          bootstrap: {dcs: {postgresql: {pre_promote: /x}}} | pre_promote: not carried yet
          bootstrap: {dcs: {failover_limit: 0}} | failover_limit: must be a whole number of at least 1
          watchdog: {mode: required}            | watchdog.mode: a watchdog device is not carried
          tags: {nofailover: true, failover_priority: 1} | tags.nofailover: contradicts failover_priority
          tags: {nofailover: perhaps}           | tags.nofailover: must be true or false, is 'perhaps'
          tags: [a]                             | tags: must be a mapping of settings
          state_dir: relative                   | state_dir: must be an absolute path
          state_dir: /data/a/state              | postgresql.data_dir: holds 'state_dir'
          log: {level: LOUD}                    | log.level: must be DEBUG, INFO, WARNING or ERROR
          grpc: {listen: 10.0.0.1:7000}         | grpc.listen: 10.0.0.1:7000 is reachable from other hosts
          grpc: {listen: 127.0.0.1:5432}        | postgresql.listen: 127.0.0.1:5432 is taken by grpc
          scope: other                          | scope: is given twice: remove one
          """)
  void refusesWithARemedy(String line, String expected) {
    assertThat(Configs.errors(Configs.LEAST + line + "\n"))
        .anySatisfy(error -> assertThat(error).contains(expected))
        .allSatisfy(error -> assertThat(error).matches("node\\.yml:[0-9]+: .*"));
  }

  @Test
  void aFileSaysWhetherThereIsAPostgres() {
    assertThat(Configs.errors(Configs.WITNESS.replace("witness: true", "")))
        .containsExactly(
            "node.yml: postgresql: is missing: add the section on a database host, or set"
                + " 'witness: true' at the top of the file on a member that only votes in the"
                + " store");
    assertThat(Configs.errors(Configs.LEAST + "witness: true\n"))
        .containsExactly(
            "node.yml:13: witness: a witness has no PostgreSQL, but the file has a section"
                + " 'postgresql': remove the section, or remove 'witness: true' to make this member"
                + " a database host");
    assertThat(Configs.errors(Configs.WITNESS.replace("true", "perhaps")))
        .anyMatch(e -> e.contains("witness: must be true or false, is 'perhaps'"));
    assertThat(Configs.valid(Configs.LEAST + "witness: false\n").config().postgres()).isPresent();
  }

  @Test
  void aWitnessIsToldWhatHasNoUse() {
    String more =
        """
        tags: {nofailover: true, rack: r1}
        bootstrap:
          initdb: [data-checksums]
          dcs: {profile: lan, postgresql: {parameterz: {}}}
        """;
    assertThat(Configs.errors(Configs.WITNESS + more))
        .singleElement()
        .asString()
        .contains("bootstrap.dcs.postgresql.parameterz: is not a setting");
    ConfigResult.Valid valid =
        Configs.valid(Configs.WITNESS + more.replace(", postgresql: {parameterz: {}}", ""));
    assertThat(valid.config().postgres()).isEmpty();
    assertThat(valid.ignored())
        .hasSize(2)
        .anyMatch(i -> i.contains("tags.nofailover: ignored: published, but a witness has no"))
        .anyMatch(i -> i.contains("bootstrap.initdb: ignored: a witness never makes a database"));
  }

  @Test
  void whatAsksForNothingIsNotRefused() {
    String line =
        "bootstrap: {dcs: {synchronous_mode: off, standby_cluster: {host: '', port: }, slots:"
            + " {}}}\n";
    assertThat(Configs.valid(Configs.LEAST + line).ignored())
        .containsExactly(
            "node.yml:13: bootstrap.dcs.synchronous_mode: ignored: asks for nothing",
            "node.yml:13: bootstrap.dcs.standby_cluster: ignored: asks for nothing",
            "node.yml:13: bootstrap.dcs.slots: ignored: asks for nothing");
  }

  @Test
  void plainTextOffLoopbackHasToBeAskedForByName() {
    String text = Configs.LEAST.replace("{listen: 127.0.0.1:8008}", "{listen: '*:8008', X}");
    String address = "connect_address: 10.0.0.1:8008";
    assertThat(Configs.errors(text.replace("X", address)))
        .hasSize(2)
        .anySatisfy(e -> assertThat(e).contains("restapi.listen: *:8008 is reachable from other"));
    String bySection = text.replace("X", address + ", insecure_plaintext: true");
    assertThat(Configs.errors(bySection))
        .singleElement()
        .asString()
        .contains("grpc.listen: *:8009 is reachable from other hosts");
    String byFile = "insecure_plaintext: true\n" + text.replace("X", address);
    assertThat(Configs.valid(byFile).config().grpc().connect())
        .isEqualTo(new HostPort("10.0.0.1", 8009));
  }

  @Test
  void whatSecuresAPortHasToBeWhole() {
    String tls = Configs.LEAST + "tls: {cert_file: /c, key_file: /k, ca_file: /a}\n";
    NodeConfig.Tls all = Configs.valid(tls).config().tls();
    assertThat(all.raft() && all.grpc() && all.etcdApi() && all.rest().isPresent()).isTrue();
    assertThat(Configs.errors(tls + "insecure_plaintext: true\n"))
        .singleElement()
        .asString()
        .contains("insecure_plaintext: contradicts tls");
    NodeConfig.Tls plainGrpc =
        Configs.valid(tls + "grpc: {insecure_plaintext: true}\n").config().tls();
    assertThat(plainGrpc.grpc()).isFalse();
    assertThat(plainGrpc.raft()).isTrue();
    assertThat(Configs.errors(tls.replace(", ca_file: /a", "")))
        .singleElement()
        .asString()
        .contains("tls.ca_file");
    assertThat(Configs.errors(tls.replace("/k", "k")))
        .singleElement()
        .asString()
        .contains("tls.key_file: must be an absolute path, is 'k'");
    String rest = "{listen: 127.0.0.1:8008}";
    assertThat(
            Configs.errors(
                Configs.LEAST.replace(
                    rest, "{listen: 127.0.0.1:8008, certfile: /x, verify_client: required}")))
        .singleElement()
        .asString()
        .contains("restapi.verify_client: needs 'cafile'");
    assertThat(
            Configs.errors(
                Configs.LEAST.replace(rest, "{listen: 127.0.0.1:8008, verify_client: optional}")))
        .singleElement()
        .asString()
        .contains("restapi.verify_client: has no effect without TLS");
  }

  @Test
  void wrongYamlIsShownWhereItIs() {
    assertThat(Configs.errors("scope: a\nname: [b\n"))
        .singleElement()
        .asString()
        .startsWith("node.yml:3: not valid YAML: ");
    assertThat(Configs.errors("- a\n"))
        .containsExactly("node.yml: must be a YAML mapping of settings, such as 'scope: demo'");
    assertThat(Configs.errors("")).hasSize(1);
  }

  @Test
  void mergedAnchorsAreResolved() {
    String text =
        Configs.LEAST
            .replace("superuser: {username: postgres}", "superuser: &u {username: postgres}")
            .replace("{username: replicator}", "{<<: *u, password: p}");
    assertThat(Configs.valid(text).config().postgres().orElseThrow().replication().username())
        .isEqualTo("postgres");
  }

  @Test
  void aFileThatCannotBeReadSaysWhy(@TempDir Path dir) throws IOException {
    ConfigLoader loader = ConfigLoader.withPrograms(Configs.PROGRAMS);
    Path absent = dir.resolve("absent.yml");
    assertThat(loader.load(absent))
        .isEqualTo(new ConfigResult.Invalid(java.util.List.of(absent + ": there is no such file")));
    assertThat(loader.load(dir).toString()).contains("is a directory: name one YAML file");
    Path file = Files.writeString(dir.resolve("a.yml"), Configs.LEAST);
    assertThat(loader.load(file)).isInstanceOf(ConfigResult.Valid.class);
  }

  @Test
  void memberNotListedAndDuplicatesAreFound() {
    String text =
        Configs.LEAST.replace(
            "- {name: a, address: 127.0.0.1:2380}",
            "[{name: b, address: 127.0.0.1:2380}, {name: b, address: 127.0.0.1:2380}]");
    assertThat(Configs.errors(text))
        .anySatisfy(e -> assertThat(e).contains("raft.members: has no entry for this member, 'a'"))
        .anySatisfy(e -> assertThat(e).contains("raft.members[1].name: 'b' is listed twice"))
        .anySatisfy(e -> assertThat(e).contains("raft.members[1].address: 127.0.0.1:2380 is b's"));
  }

  @Test
  void patronisTtlIsKeptAndItsCostSaid() {
    String dcs = "bootstrap: {dcs: {ttl: 30, loop_wait: 10, retry_timeout: 10}}\n";
    ConfigResult.Valid result = Configs.valid(Configs.LEAST + dcs);
    assertThat(result.config().settings().timings().ttl()).hasSeconds(30);
    assertThat(result.notices())
        .singleElement()
        .asString()
        .contains(
            "ttl: 30 s is kept: after the loss of the primary's host, writes stop for up to"
                + " about 30.8 s; without ttl, loop_wait and retry_timeout the profile 'lan' needs"
                + " about 3.5 s");
    assertThat(Configs.valid(Configs.LEAST + "bootstrap: {dcs: {loop_wait: 10}}\n").ignored())
        .singleElement()
        .asString()
        .contains("loop_wait: ignored: it has a meaning only together with ttl");
  }

  @Test
  void aLoopbackAddressCannotBePublishedToOtherHosts() {
    String text =
        "insecure_plaintext: true\n"
            + Configs.LEAST.replace(
                "- {name: a, address: 127.0.0.1:2380}",
                "[{name: a, address: 10.0.0.1:2380}, {name: b, address: 10.0.0.2:2380},"
                    + " {name: c, address: 10.0.0.3:2380}]");
    assertThat(Configs.errors(text))
        .anySatisfy(
            e -> assertThat(e).contains("restapi.connect_address: 127.0.0.1:8008 cannot be"))
        .anySatisfy(
            e -> assertThat(e).contains("postgresql.connect_address: 127.0.0.1:5432 cannot"));
  }
}
