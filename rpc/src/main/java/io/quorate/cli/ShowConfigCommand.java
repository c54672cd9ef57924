package io.quorate.cli;

import io.quorate.proto.admin.v1.Config;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate show-config}. */
@Command(
    name = "show-config",
    description = "Show the dynamic configuration.",
    mixinStandardHelpOptions = true)
final class ShowConfigCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "yaml or json; default yaml.")
  private Format format = Format.YAML;

  @Override
  public Integer call() {
    Config config = cluster.ask((AdminClient client) -> client.config(cluster.timeout()));
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        switch (format) {
          case JSON -> config.getJson();
          case YAML, YML, PRETTY -> Yaml.block(Yaml.mapping(config.getJson(), "config"));
          case TSV ->
              throw new CliException.WrongUse("--format must be yaml or json: this is no table");
        });
    out.flush();
    return ExitStatus.DONE;
  }
}
