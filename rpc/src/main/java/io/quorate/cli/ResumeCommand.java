package io.quorate.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate resume}. */
@Command(
    name = "resume",
    description = "End the pause: failovers happen again.",
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(names = "--wait", description = "Until every member has taken it up.")
  private boolean wait;

  @Override
  public Integer call() throws InterruptedException {
    return new Maintenance(cluster, spec.commandLine().getOut(), spec.commandLine().getErr())
        .set(false, wait);
  }
}
