package io.quorate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each change of the file is named, and only what cannot change at run time stays as it was. */
final class ReloadPlanTest {

  private static final String FILE =
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
        bin_dir: PROGRAMS
        authentication:
          superuser: {username: postgres, password: one}
          replication: {username: replicator}
        parameters: {work_mem: 4MB}
      log: {level: INFO}
      """;

  @TempDir private Path dir;
  private String text = "";
  private NodeConfig running;

  @BeforeEach
  void begin() throws IOException {
    Path postgres = Files.createFile(dir.resolve("postgres"));
    assertThat(postgres.toFile().setExecutable(true)).isTrue();
    text = FILE.replace("PROGRAMS", dir.toString());
    running = load(text);
  }

  private NodeConfig load(String content) throws IOException {
    Path file = dir.resolve("node.yml");
    Files.writeString(file, content);
    ConfigResult result = ConfigLoader.withEnvironment(Map.of()).load(file);
    assertThat(result).as("%s", result).isInstanceOf(ConfigResult.Valid.class);
    return ((ConfigResult.Valid) result).config();
  }

  @Test
  void sameFileChangesNothing() {
    ReloadPlan plan = ReloadPlan.of(running, running);
    assertThat(plan.applied()).isEmpty();
    assertThat(plan.needRestart()).isEmpty();
    assertThat(plan.withoutEffect()).isEmpty();
    assertThat(plan.changesPostgres()).isFalse();
  }

  @Test
  void appliesWhatCanChange() throws IOException {
    NodeConfig file =
        load(
            text.replace("work_mem: 4MB", "work_mem: 5MB").replace("INFO", "DEBUG")
                + "tags: {nofailover: true}\n");
    ReloadPlan plan = ReloadPlan.of(running, file);
    assertThat(plan.applied()).containsExactly("log.level", "tags", "postgresql.parameters");
    assertThat(plan.needRestart()).isEmpty();
    assertThat(plan.changesPostgres()).isTrue();
    assertThat(plan.next()).isEqualTo(file);
  }

  @Test
  void aDatabaseHostIsNoWitnessBeforeItIsStartedAsOne() throws IOException {
    String witness =
        text.replaceFirst("(?s)postgresql:.*(?=log:)", "witness: true\n").replace("INFO", "DEBUG");
    ReloadPlan plan = ReloadPlan.of(running, load(witness));
    assertThat(plan.applied()).containsExactly("log.level");
    assertThat(plan.needRestart()).containsExactly("witness");
    assertThat(plan.next().postgres()).isEqualTo(running.postgres());
    ReloadPlan back = ReloadPlan.of(load(witness), running);
    assertThat(back.needRestart()).containsExactly("witness");
    assertThat(back.next().postgres()).isEmpty();
    assertThat(back.changesPostgres()).isFalse();
  }

  @Test
  void namesWhatNeedsARestartAgainAndAgain() throws IOException {
    NodeConfig file =
        load(
            text.replace("8008", "8018")
                    .replace("5432", "5433")
                    .replace("password: one", "password: two")
                    .replace("2380", "2381")
                + "bootstrap: {dcs: {ttl: 30}}\n");
    ReloadPlan plan = ReloadPlan.of(running, file);
    assertThat(plan.applied()).isEmpty();
    assertThat(plan.needRestart())
        .containsExactly(
            "restapi.listen",
            "restapi.connect_address",
            "grpc.listen",
            "grpc.connect_address",
            "raft.listen",
            "raft.member_listen",
            "raft.members",
            "postgresql.listen",
            "postgresql.connect_address",
            "postgresql.authentication.superuser");
    assertThat(plan.withoutEffect()).containsExactly("bootstrap.dcs");
    assertThat(ReloadPlan.of(plan.next(), file).needRestart()).isEqualTo(plan.needRestart());
  }
}
