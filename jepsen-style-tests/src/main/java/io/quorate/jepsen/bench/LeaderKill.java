package io.quorate.jepsen.bench;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ManagedChannel;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.PutResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** From the end of the leader to the next put that is done. */
final class LeaderKill {

  private static final Duration EVERY = Duration.ofMillis(10);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private LeaderKill() {}

  /**
   * Kills the leader, puts to the other servers all the time, and starts it again.
   *
   * @return nanoseconds from the kill to the first answer
   */
  static long once(EtcdClients clients, ServerGroup group) {
    int leader = clients.awaitLeader(group);
    int gone = group.ports().get(leader);
    List<Integer> others = group.ports().stream().filter(port -> port != gone).toList();
    List<ManagedChannel> channels = clients.connect(others.size(), others);
    try {
      channels.forEach(channel -> Futures.getUnchecked(put(channel)));
      // Not in step with whatever the servers do at the start of a minute or a second.
      pause(Duration.ofMillis(500 + System.nanoTime() / 1_000_000 % 300));
      long killed = System.nanoTime();
      group.kill(leader);
      AtomicLong answered = new AtomicLong();
      while (answered.get() == 0) {
        if (System.nanoTime() - killed > PATIENCE.toNanos()) {
          throw new IllegalStateException(
              group.name() + " takes no put for " + PATIENCE + " after its leader was killed");
        }
        channels.forEach(channel -> putUntil(channel, answered));
        pause(EVERY);
      }
      group.restart(leader);
      clients.awaitAll(group);
      return answered.get() - killed;
    } finally {
      clients.disconnect(channels);
    }
  }

  private static ListenableFuture<PutResponse> put(ManagedChannel channel) {
    return KVGrpc.newFutureStub(channel)
        .withDeadlineAfter(2, TimeUnit.SECONDS)
        .put(PutRequest.newBuilder().setKey(Rows.key(0)).build());
  }

  private static void putUntil(ManagedChannel channel, AtomicLong answered) {
    Futures.addCallback(
        put(channel),
        new FutureCallback<PutResponse>() {
          @Override
          public void onSuccess(PutResponse answer) {
            answered.compareAndSet(0, System.nanoTime());
          }

          @Override
          public void onFailure(Throwable failure) {
            // Another one is on its way.
          }
        },
        MoreExecutors.directExecutor());
  }

  static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
