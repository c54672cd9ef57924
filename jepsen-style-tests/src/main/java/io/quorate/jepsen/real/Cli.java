package io.quorate.jepsen.real;

import io.quorate.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The command line, run in this process against a cluster's nodes. */
final class Cli {

  /**
   * How a command ended.
   *
   * @param text standard output and error output
   */
  record Result(int status, String text) {}

  private final RealCluster cluster;

  Cli(RealCluster cluster) {
    this.cluster = cluster;
  }

  /** Runs it until it ends. */
  Result run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    for (RealNode node : cluster.nodes()) {
      all.add("--grpc-address");
      all.add(node.address() + ":" + node.grpcPort());
    }
    StringWriter out = new StringWriter();
    int status;
    try (PrintWriter writer = new PrintWriter(out, true)) {
      status = Main.run(all.toArray(String[]::new), writer, writer);
    }
    return new Result(status, out.toString());
  }

  /**
   * Runs one that has to be done, and returns what it printed.
   *
   * @throws AssertionError with that, where it was not
   */
  String done(String... arguments) {
    Result result = run(arguments);
    if (result.status() != 0) {
      throw new AssertionError(List.of(arguments) + ": " + result);
    }
    return result.text();
  }

  /** Lets it run meanwhile. */
  CompletableFuture<Result> begin(String... arguments) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    var _ = Thread.ofVirtual().start(() -> result.complete(run(arguments)));
    return result;
  }
}
