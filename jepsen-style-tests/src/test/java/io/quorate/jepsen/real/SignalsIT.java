package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signals to an agent that starts, and to one that waits for the others. */
final class SignalsIT {

  private static final int BASE = 26_530;
  private static final Duration BOUND = Duration.ofSeconds(30);

  private RealCluster cluster;
  private RealNode node;

  @BeforeEach
  void prepare() {
    cluster = RealCluster.prepare(BASE, "    failover_limit: 100\n");
    node = cluster.nodes().getFirst();
    node.startAgent();
    awaitLog("start outcome=started");
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private void awaitLog(String text) {
    Patience.await(
        "'" + text + "' in the log",
        BOUND,
        () -> node.logTail(1000).contains(text),
        () -> node.logTail(30));
  }

  @Test
  void reloadDuringStartIsKeptForLater() {
    node.signalAgent("HUP");
    awaitLog("reload outcome=success \"in force: nothing changed\"");
    assertThat(node.agentPid()).isPresent();
  }

  @Test
  void stopDuringStartIsAnOrderlyStop() {
    node.signalAgent("TERM");
    assertThat(node.awaitAgentEnd(BOUND)).as(node.logTail(20)).isZero();
    assertThat(node.logTail(20)).contains("SIGTERM").contains("stop outcome=success");
  }

  @Test
  void reloadKeepsOldSettingsWhereTheFileIsWrong() throws IOException {
    awaitLog("start outcome=success");
    String good = Files.readString(node.config());
    Files.writeString(node.config(), good + "tags: {nofailover: perhaps}\n");
    node.signalAgent("HUP");
    awaitLog("tags.nofailover: must be true or false, is 'perhaps'");
    assertThat(node.logTail(3)).contains("quorate.yml:").contains("nothing was changed");

    Files.writeString(
        node.config(),
        good.replace(":" + node.restPort(), ":" + (node.restPort() + 5))
            + "tags: {nofailover: true}\nlog: {level: debug}\n");
    node.signalAgent("HUP");
    awaitLog("in force: log.level, tags");
    awaitLog("restapi.listen, restapi.connect_address");
    Patience.await(
        "the tag to be published",
        BOUND,
        () ->
            cluster
                .json(node, "/patroni")
                .map(json -> json.path("tags").path("nofailover").asBoolean(false))
                .orElse(false),
        () -> node.logTail(10) + cluster.json(node, "/patroni"));
  }
}
