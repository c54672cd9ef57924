package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import io.quorate.proto.store.v1.VoterMessages.ForwardAnswer;
import io.quorate.proto.store.v1.VoterMessages.ForwardRequest;
import io.quorate.proto.store.v1.VoterMessages.ForwardResult;
import io.quorate.proto.store.v1.VoterMessages.Forwarded;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way to one leader. What comes while calls are under way travels together with the next one,
 * so that many callers do not mean as many messages.
 */
final class LeaderLink {
  private static final int CALLS_MAX = 8;
  private static final int BATCH_ITEMS = 256;
  private static final int BATCH_BYTES = 1024 * 1024;

  private record Entry(Forwarded item, CompletableFuture<Attempt<ForwardResult>> future) {}

  private static final class Queue {
    final ArrayDeque<Entry> waiting = new ArrayDeque<>();
    int calls;
  }

  private final MemberCalls calls;
  private final Voters.Peer leader;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Call.Lane, Queue> lanes = new EnumMap<>(Call.Lane.class);
  private final Set<List<Entry>> underWay = new HashSet<>();
  private @Nullable String abandoned;

  LeaderLink(MemberCalls calls, Voters.Peer leader) {
    this.calls = calls;
    this.leader = leader;
    for (Call.Lane lane : Call.Lane.values()) {
      lanes.put(lane, new Queue());
    }
  }

  Voters.Peer leader() {
    return leader;
  }

  /** Sends a request; the future never completes exceptionally. */
  CompletableFuture<Attempt<ForwardResult>> send(Call.Lane lane, Forwarded item) {
    Entry entry = new Entry(item, new CompletableFuture<>());
    String given;
    lock.lock();
    try {
      given = abandoned;
      if (given == null) {
        queue(lane).waiting.add(entry);
      }
    } finally {
      lock.unlock();
    }
    if (given != null) {
      entry.future.complete(new Attempt.NotNow<>(given));
    } else {
      pump(lane);
    }
    return entry.future;
  }

  /** Gives the leader up: what was sent is lost, what was not is certainly not done. */
  void abandon(String reason) {
    List<Entry> unsent = new ArrayList<>();
    List<Entry> sent = new ArrayList<>();
    lock.lock();
    try {
      abandoned = reason;
      lanes
          .values()
          .forEach(queue -> {
            unsent.addAll(queue.waiting);
            queue.waiting.clear();
          });
      underWay.forEach(sent::addAll);
      underWay.clear();
    } finally {
      lock.unlock();
    }
    unsent.forEach(entry -> entry.future.complete(new Attempt.NotNow<>(reason)));
    sent.forEach(entry -> entry.future.complete(new Attempt.Lost<>(reason)));
  }

  private void pump(Call.Lane lane) {
    List<Entry> batch = next(lane);
    while (!batch.isEmpty()) {
      call(lane, batch);
      batch = next(lane);
    }
  }

  private List<Entry> next(Call.Lane lane) {
    List<Entry> batch = new ArrayList<>();
    lock.lock();
    try {
      Queue queue = queue(lane);
      if (abandoned != null || queue.calls >= CALLS_MAX) {
        return batch;
      }
      int bytes = 0;
      for (Entry entry = queue.waiting.peek();
          entry != null && batch.size() < BATCH_ITEMS;
          entry = queue.waiting.peek()) {
        bytes += entry.item.getSerializedSize();
        if (!batch.isEmpty() && bytes > BATCH_BYTES) {
          break;
        }
        batch.add(entry);
        queue.waiting.poll();
      }
      if (!batch.isEmpty()) {
        queue.calls++;
        underWay.add(batch);
      }
    } finally {
      lock.unlock();
    }
    return batch;
  }

  private void call(Call.Lane lane, List<Entry> batch) {
    ForwardRequest.Builder request = ForwardRequest.newBuilder();
    batch.forEach(entry -> request.addItems(entry.item));
    var _ =
        calls
            .call(
                leader.memberAddress(),
                VoterRequest.newBuilder().setForward(request),
                calls.limit(lane))
            .handle((answer, thrown) -> {
              lock.lock();
              try {
                queue(lane).calls--;
                underWay.remove(batch);
              } finally {
                lock.unlock();
              }
              if (thrown != null) {
                String reason = "no answer from the leader: " + thrown.getMessage();
                batch.forEach(entry -> entry.future.complete(new Attempt.Lost<>(reason)));
              } else if (answer.hasRefused()) {
                String reason = answer.getRefused();
                batch.forEach(entry -> entry.future.complete(new Attempt.NotNow<>(reason)));
              } else {
                complete(batch, answer.getForward());
              }
              pump(lane);
              return batch;
            });
  }

  private static void complete(List<Entry> batch, ForwardAnswer answer) {
    for (int i = 0; i < batch.size(); i++) {
      batch
          .get(i)
          .future
          .complete(
              i < answer.getResultsCount()
                  ? new Attempt.Served<>(answer.getResults(i))
                  : new Attempt.Lost<>("the leader's answer is incomplete"));
    }
  }

  private Queue queue(Call.Lane lane) {
    return Invariant.present(lanes.get(lane), "no queue for %s", lane);
  }
}
