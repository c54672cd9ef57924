package io.quorate.cli;

import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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

/** {@code quorate list}. */
@Command(
    name = "list",
    description = "Show the cluster's members, as any reachable member sees them.",
    mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {

  private static final int WATCH_SECONDS = 2;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "pretty, json, yaml or tsv; default pretty.")
  private Format format = Format.PRETTY;

  @Option(
      names = {"-e", "--extended"},
      description = "Show all columns, also empty ones.")
  private boolean extended;

  @Option(
      names = {"-t", "--timestamp"},
      description = "Print the time first.")
  private boolean timestamp;

  @Option(
      names = {"-W", "--watch"},
      description = "Show it anew every two seconds until interrupted.")
  private boolean watch;

  @Option(
      names = {"-w", "--watch-every"},
      paramLabel = "SECONDS",
      description = "Show it anew so often.")
  private Optional<Double> seconds = Optional.empty();

  @Override
  public Integer call() throws InterruptedException {
    if (seconds.filter(s -> !(s >= 0.1 && s <= 3600)).isPresent()) {
      throw new CliException.WrongUse(
          "-w must be between 0.1 and 3600 seconds, is " + seconds.get());
    }
    PrintWriter out = spec.commandLine().getOut();
    if (!watch && seconds.isEmpty()) {
      lines().forEach(out::println);
      out.flush();
      return ExitStatus.DONE;
    }
    long millis = Math.round(seconds.orElse((double) WATCH_SECONDS) * 1000);
    Screen screen = new Screen(out);
    Runtime.getRuntime().addShutdownHook(new Thread(screen::leave));
    BlockingQueue<Boolean> never = new LinkedBlockingQueue<>();
    while (!out.checkError()) {
      screen.draw(shown());
      var _ = never.poll(millis, TimeUnit.MILLISECONDS);
    }
    return ExitStatus.DONE;
  }

  /** A member that does not answer now may do so the next time. */
  private List<String> shown() {
    try {
      return lines();
    } catch (CliException e) {
      return String.valueOf(e.getMessage()).lines().toList();
    }
  }

  private List<String> lines() {
    MemberList list = new MemberList(cluster.status());
    List<String> lines = list.lines(format, extended);
    if (format != Format.PRETTY) {
      list.outdated().ifPresent(remark -> spec.commandLine().getErr().println(remark));
    }
    if (!timestamp) {
      return lines;
    }
    try (SystemTime time = SystemTime.start()) {
      List<String> dated = new ArrayList<>(lines);
      dated.addFirst(Times.shown(time.wall().instant()));
      return dated;
    }
  }
}
