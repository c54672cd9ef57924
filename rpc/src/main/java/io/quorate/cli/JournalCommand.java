package io.quorate.cli;

import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate journal}. */
@Command(
    name = "journal",
    description = "Show what the members decided and did lately; with --follow, also what comes.",
    mixinStandardHelpOptions = true)
final class JournalCommand implements Callable<Integer> {

  /** What is kept comes at once; this long nothing means that it was all. */
  private static final long SILENCE_MS = 500;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"--follow"},
      description = "Go on until interrupted.")
  private boolean follow;

  private sealed interface Heard {
    record Entry(JournalEntry entry) implements Heard {}

    record End(String why) implements Heard {}
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    String address = cluster.status().getNode().getName();
    BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    try (AdminClient client = cluster.client(cluster.addressOf(address))) {
      client.watchJournal(
          false, entry -> heard.add(new Heard.Entry(entry)), why -> heard.add(new Heard.End(why)));
      long patience = cluster.timeout().toMillis();
      while (!out.checkError()) {
        Optional<Heard> next = Optional.ofNullable(heard.poll(patience, TimeUnit.MILLISECONDS));
        if (next.isEmpty() && !follow) {
          return ExitStatus.DONE;
        }
        patience = SILENCE_MS;
        if (next.isPresent()) {
          switch (next.get()) {
            case Heard.Entry(JournalEntry entry) -> out.println(ExplainCommand.line(entry));
            case Heard.End(String why) -> throw new CliException(why);
          }
        }
        out.flush();
      }
    }
    return ExitStatus.DONE;
  }
}
