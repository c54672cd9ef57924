package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.StoreMember;
import io.quorate.rpc.grpc.AdminClient;
import io.quorate.time.BootTime;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Begins and ends maintenance mode. */
final class Maintenance {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BETWEEN = Duration.ofMillis(200);

  private final ClusterOptions cluster;
  private final PrintWriter out;
  private final PrintWriter err;

  Maintenance(ClusterOptions cluster, PrintWriter out, PrintWriter err) {
    this.cluster = cluster;
    this.out = out;
    this.err = err;
  }

  int set(boolean paused, boolean wait) throws InterruptedException {
    ClusterStatus status = cluster.status();
    if (status.getSettings().getPaused() == paused) {
      throw new CliException(paused ? "Cluster is already paused" : "Cluster is not paused");
    }
    if (paused) {
      var _ = cluster.ask(client -> client.pause(cluster.timeoutOfChange()));
    } else {
      warnOfAbsent(status);
      var _ = cluster.ask(client -> client.resume(cluster.timeoutOfChange()));
    }
    if (wait) {
      out.println(
          "'"
              + (paused ? "pause" : "resume")
              + "' request sent, waiting until it is recognized"
              + " by all nodes");
      out.flush();
      await(status, paused);
    }
    out.println("Success: cluster management is " + (paused ? "paused" : "resumed"));
    out.flush();
    return ExitStatus.DONE;
  }

  /** What was a primary in pause is not fenced until it hears that the pause is over. */
  private void warnOfAbsent(ClusterStatus status) {
    List<String> there = status.getMembersList().stream().map(MemberStatus::getName).toList();
    List<String> absent;
    try {
      absent =
          cluster.ask(client -> client.members(cluster.timeout())).getMembersList().stream()
              .map(StoreMember::getName)
              .filter(name -> !there.contains(name))
              .toList();
    } catch (CliException e) {
      // Whoever cannot be asked for the members is asked to resume all the same.
      absent = List.of();
    }
    if (!absent.isEmpty()) {
      err.println(
          "warning: no agent of "
              + String.join(", ", absent)
              + " is there. A primary that was cut off in pause goes on taking writes until it"
              + " hears that the pause is over: see to it that no PostgreSQL runs there, or bring"
              + " the agent back");
      err.flush();
    }
  }

  private void await(ClusterStatus status, boolean paused) throws InterruptedException {
    BlockingQueue<Boolean> never = new LinkedBlockingQueue<>();
    try (SystemTime time = SystemTime.start()) {
      BootTime until = time.now().plus(PATIENCE);
      List<String> left = late(status, paused);
      while (!left.isEmpty()) {
        if (!time.now().isBefore(until)) {
          throw new CliException(
              "not taken up within "
                  + PATIENCE.toSeconds()
                  + " s by "
                  + String.join(", ", left)
                  + "; it will be as soon as they see the store");
        }
        var _ = never.poll(BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
        left = late(status, paused);
      }
    }
  }

  /** Members that do not say yet that they have taken it up. */
  private List<String> late(ClusterStatus status, boolean paused) {
    return status.getMembersList().stream()
        .filter(member -> !member.getGrpcAddress().isEmpty())
        .filter(member -> !hasTakenUp(member, paused))
        .map(MemberStatus::getName)
        .toList();
  }

  private boolean hasTakenUp(MemberStatus member, boolean paused) {
    try (AdminClient client = cluster.client(member.getGrpcAddress())) {
      ClusterStatus now = client.status(cluster.timeout()).toCompletableFuture().join();
      return now.getSettings().getPaused() == paused
          && now.getNode().getGuardianArmed() == (!paused && now.getNode().getPrimary());
    } catch (CompletionException e) {
      return false;
    }
  }
}
