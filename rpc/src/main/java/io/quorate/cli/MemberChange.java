package io.quorate.cli;

import io.quorate.proto.admin.v1.ChangeMemberRequest;
import io.quorate.proto.admin.v1.ChangeMemberResponse;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Repeats a change of the voters until it is done, and says how far it has come. */
final class MemberChange {

  private static final Duration AGAIN = Duration.ofSeconds(1);

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "How long to go on asking until it is done; default 300.")
  private int waitSeconds = 300;

  MemberChange() {}

  /** Makes it; the exit status. */
  int make(ClusterOptions cluster, ChangeMemberRequest change, PrintWriter out) {
    String said = "";
    for (int asked = 0; asked <= waitSeconds; asked++) {
      String text;
      try {
        ChangeMemberResponse answer =
            cluster.ask((AdminClient client) -> client.changeMember(change, cluster.timeout()));
        text = answer.getText();
        if (answer.getPhase() == ChangeMemberResponse.Phase.PHASE_DONE) {
          out.println(text);
          out.flush();
          return ExitStatus.DONE;
        }
      } catch (CliException.Unreachable e) {
        text = String.valueOf(e.getMessage());
      }
      if (!text.equals(said)) {
        out.println(text);
        out.flush();
        said = text;
      }
      pause();
    }
    throw new CliException(
        "not done within %d s, given up: %s. What has begun may still come to its end: look at"
                .formatted(waitSeconds, said)
            + " 'quorate member list'");
  }

  private static void pause() {
    try {
      // Nobody releases it.
      if (new Semaphore(0).tryAcquire(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("released");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("interrupted");
    }
  }
}
