package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The samples that users copy: accepted as they stand, and fitting each other. */
final class SamplesTest {

  private static final Path SAMPLES = Path.of("..", "deploy", "samples");

  @Test
  void everySampleIsAcceptedAndEachOfItsSettingsHasAnEffect() throws IOException {
    List<Path> files = samples();
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(load(file).ignored()).as("%s", file).isEmpty();
    }
  }

  @Test
  void threeHostsFormOneCluster() throws IOException {
    List<NodeConfig> members =
        samples().stream()
            .filter(file -> file.toString().contains("three-hosts"))
            .map(file -> load(file).config())
            .toList();
    assertThat(members).hasSize(3);
    NodeConfig first = members.getFirst();
    assertThat(members)
        .allSatisfy(member -> {
          assertThat(member.scope()).isEqualTo(first.scope());
          assertThat(member.raft().members()).isEqualTo(first.raft().members());
          assertThat(member.settingsTree()).isEqualTo(first.settingsTree());
          NodeConfig.RaftMember own = member.raft().member(member.name()).orElseThrow();
          assertThat(own.address()).isEqualTo(member.raft().listen());
          assertThat(own.grpcAddress()).isEqualTo(member.grpc().connect());
          assertThat(member.postgres().orElseThrow().superuser())
              .isEqualTo(first.postgres().orElseThrow().superuser());
        });
    assertThat(members.stream().map(NodeConfig::name)).doesNotHaveDuplicates();
  }

  @Test
  void theWitnessTakesThePlaceOfTheThirdHost() throws IOException {
    NodeConfig witness = load(SAMPLES.resolve("witness/db3.yml")).config();
    NodeConfig replaced = load(SAMPLES.resolve("three-hosts/db3.yml")).config();
    assertThat(witness.postgres()).isEmpty();
    assertThat(witness.name()).isEqualTo(replaced.name());
    assertThat(witness.raft()).isEqualTo(replaced.raft());
    assertThat(witness.settings().timings()).isEqualTo(replaced.settings().timings());
  }

  @Test
  void plainTextIsAskedForByName() throws IOException {
    for (Path file : samples()) {
      String without = Files.readString(file).replace("insecure_plaintext: true", "");
      assertThat(Configs.errors(without))
          .as("%s", file)
          .anyMatch(error -> error.contains("insecure_plaintext"));
    }
  }

  private static ConfigResult.Valid load(Path file) {
    ConfigResult result = ConfigLoader.withPrograms(Configs.PROGRAMS).load(file);
    assertThat(result).as("%s", file).isInstanceOf(ConfigResult.Valid.class);
    return (ConfigResult.Valid) result;
  }

  private static List<Path> samples() throws IOException {
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yml")).sorted().toList();
    }
  }
}
