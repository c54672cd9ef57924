package io.quorate.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate list}. */
@Command(
    name = "list",
    description = "Show the cluster's members, as any reachable member sees them.",
    mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {

  /** Forms of the output. */
  enum Format {
    PRETTY,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "pretty or json; default pretty.")
  private Format format = Format.PRETTY;

  @Override
  public Integer call() {
    MemberList list = new MemberList(cluster.status());
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case PRETTY -> list.pretty().forEach(out::println);
      case JSON -> out.println(list.json());
    }
    out.flush();
    return 0;
  }
}
