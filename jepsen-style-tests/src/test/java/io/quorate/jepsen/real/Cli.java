package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** The command line, run in this process against a cluster. */
final class Cli {

  private final RealCluster cluster;

  Cli(RealCluster cluster) {
    this.cluster = cluster;
  }

  /** What a command printed, on both streams, and its exit status. */
  record Output(int status, String text) {}

  /** Runs one command, asking all members. */
  Output run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(addresses(cluster.nodes()));
    StringWriter out = new StringWriter();
    try (PrintWriter writer = new PrintWriter(out, true)) {
      return new Output(Main.run(all.toArray(String[]::new), writer, writer), out.toString());
    }
  }

  /** Runs one command that has to be done, and returns what it printed. */
  String done(String... arguments) {
    Output output = run(arguments);
    assertThat(output.status()).as("%s: %s", List.of(arguments), output.text()).isZero();
    return output.text();
  }

  /** Options that name the members to ask. */
  static List<String> addresses(List<RealNode> nodes) {
    List<String> options = new ArrayList<>();
    for (RealNode node : nodes) {
      options.add("--grpc-address");
      options.add("127.0.0.1:" + node.grpcPort());
    }
    return options;
  }
}
