package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.linear.LeaseExclusion;
import io.quorate.jepsen.linear.LeaseExclusion.Hold;
import io.quorate.jepsen.linear.LinearizabilityChecker;
import io.quorate.jepsen.linear.Operation;
import io.quorate.jepsen.linear.Operation.Action;
import io.quorate.jepsen.linear.Operation.Answer;
import io.quorate.jepsen.linear.Verdict;
import io.quorate.jepsen.linear.WatchChecker;
import io.quorate.jepsen.linear.WatchChecker.Watch;
import io.quorate.jepsen.linear.WatchChecker.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What happened in one history. Any thread may add to it. */
final class Recording {

  /** Some 400 bytes each, for keys with thousands of operations. */
  private static final int CONFIGURATIONS = 300_000;

  private final AtomicLong ids = new AtomicLong();
  private final List<Operation> operations = new ArrayList<>();
  private final List<Written> written = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();

  /** What a history amounted to. */
  record Judgement(int operations, int unknown, int holds, int changes, List<String> faults) {}

  /**
   * Adds an operation with its answer as the store's process wrote it. One that was certainly not
   * done is not part of the history.
   */
  synchronized void add(
      String client, String key, Action action, String answer, long call, long returned) {
    String[] words = answer.split(" ", -1);
    if (words[0].equals("not")) {
      return;
    }
    boolean unknown = words[0].equals("unknown");
    Answer parsed =
        unknown
            ? new Answer.Unknown()
            : action instanceof Action.Get
                ? new Answer.Value(
                    words[1].equals(StoreCommands.ABSENT)
                        ? Optional.empty()
                        : Optional.of(words[1]))
                : new Answer.Done(words[2].equals("true"));
    operations.add(
        new Operation(
            ids.incrementAndGet(),
            client,
            key,
            action,
            parsed,
            call,
            unknown ? Operation.NEVER : returned));
    if (action instanceof Action.Put(String value, long lease)) {
      wrote(key, value, answer);
      if (lease != 0) {
        operations.add(
            new Operation(
                ids.incrementAndGet(),
                client,
                key,
                new Action.Expire(lease),
                new Answer.Unknown(),
                call,
                Operation.NEVER));
      }
    } else if (action instanceof Action.CompareAndSet(Optional<String> _, String value)) {
      wrote(key, value, answer);
    }
  }

  /** Adds a write for the watches: its answer says whether and at which revision it was done. */
  synchronized void wrote(String key, String value, String answer) {
    String[] words = answer.split(" ", -1);
    if (words[0].equals("unknown")) {
      written.add(new Written(key, value, Optional.empty()));
    } else if (words[0].equals("done") && words[2].equals("true")) {
      written.add(new Written(key, value, Optional.of(Long.parseLong(words[1]))));
    }
  }

  synchronized void held(Hold hold) {
    holds.add(hold);
  }

  synchronized Judgement judge(List<Watch> watches) {
    List<String> faults = new ArrayList<>();
    switch (new LinearizabilityChecker(CONFIGURATIONS).check(operations)) {
      case Verdict.Linearizable _ -> {}
      case Verdict.NotLinearizable(var key, var explained, var stuck) ->
          faults.add(
              "not linearizable: key %s after %d operations, the last of them %s; cannot go on with %s"
                  .formatted(
                      key,
                      explained.size(),
                      explained.subList(Math.max(0, explained.size() - 10), explained.size()),
                      stuck));
      case Verdict.GaveUp(String key, long configurations) ->
          faults.add("gave up on key %s after %d configurations".formatted(key, configurations));
    }
    faults.addAll(WatchChecker.faults(watches, written));
    LeaseExclusion.faults(holds).forEach(fault -> faults.add("two held the lock: " + fault));
    return new Judgement(
        operations.size(),
        (int)
            operations.stream()
                .filter(o -> !o.completed() && !(o.action() instanceof Action.Expire))
                .count(),
        holds.size(),
        watches.stream().mapToInt(watch -> watch.changes().size()).sum(),
        faults);
  }
}
