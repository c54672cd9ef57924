package io.quorate.ha.loop;

import io.quorate.ha.decide.Hold;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.HaTimings;
import io.quorate.store.Bytes;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps the hold of the {@code leader} key: renews it, moves the deadline, feeds the guardian and
 * the fence timer. The deadline counts from the moment a renewal was <em>sent</em>. Belongs to the
 * loop.
 */
final class PrimaryHold {

  /** How soon a renewal that nobody could answer is tried again, as a part of the interval. */
  private static final int RETRY_DIVISOR = 5;

  /** A lease of an earlier run is renewed as if it were this short until an answer tells. */
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

  /**
   * For so long after a restart of the agent PostgreSQL may be writable while nothing keeps the
   * deadline of its lease, which this run does not know.
   */
  private static final Duration UNGUARDED = Duration.ofSeconds(1);

  private final HaPorts ports;
  private final Bytes leaderKey;
  private final Supplier<HaTimings> timings;
  private final FenceTimer fenceTimer;
  private final Runnable changed;

  private Hold hold = new Hold.NotHeld();
  private long generation;
  private Optional<Epoch> renewing = Optional.empty();
  private boolean guarded = true;

  /** For how long the lease under the key was granted: later settings change only later leases. */
  private Optional<Duration> granted = Optional.empty();

  PrimaryHold(
      HaPorts ports,
      Bytes leaderKey,
      Supplier<HaTimings> timings,
      FenceTimer fenceTimer,
      Runnable changed) {
    this.ports = ports;
    this.leaderKey = leaderKey;
    this.timings = timings;
    this.fenceTimer = fenceTimer;
    this.changed = changed;
  }

  /** The hold, lapsed if its deadline has passed. */
  Hold current(BootTime now) {
    if (hold instanceof Hold.Held(Epoch epoch, BootTime deadline) && !now.isBefore(deadline)) {
      lapse(epoch, "the lease of epoch " + epoch + " ran out without a renewal");
    }
    return hold;
  }

  /** The key was taken; its lease was asked for at {@code sentAt}, for {@code ttl}. */
  void take(Epoch epoch, BootTime sentAt, Duration ttl) {
    begin(epoch);
    extend(epoch, sentAt, ttl);
    ports.events().hold(ports.clock().now(), epoch, "taken");
    renew(epoch, generation);
  }

  /**
   * Asks whether an earlier hold still stands, unless that is being asked already. Does nothing
   * where a hold was taken, or one of this epoch or later lapsed, meanwhile: what an earlier epoch
   * is answered says nothing of a later one. Where no guardian keeps the deadline PostgreSQL is
   * ended unless the store answers soon: a partition may begin at this moment.
   */
  void resume(Epoch epoch) {
    boolean known =
        switch (hold) {
          case Hold.NotHeld() -> false;
          case Hold.Lapsed(Epoch lapsed, String _) -> !epoch.isAfter(lapsed);
          case Hold.Held _ -> true;
        };
    if (known || renewing.equals(Optional.of(epoch))) {
      return;
    }
    hold = new Hold.NotHeld();
    begin(epoch);
    granted = Optional.empty();
    if (guarded && !ports.guardian().armed()) {
      fenceTimer.arm(ports.clock().now().plus(UNGUARDED));
    }
    renew(epoch, generation);
  }

  /** Whether the key is held, as far as is known, by another epoch than {@code epoch}. */
  boolean heldByOther(Epoch epoch) {
    return hold instanceof Hold.Held held && !held.epoch().equals(epoch);
  }

  /** Whether PostgreSQL is ended at the deadline: not in pause. */
  void guarded(boolean on) {
    guarded = on;
    if (!on) {
      fenceTimer.disarm();
    } else if (hold instanceof Hold.Held(Epoch _, BootTime deadline)) {
      fenceTimer.arm(deadline);
    }
  }

  /** The key is given back, or may be: nothing begins under it any more. */
  void gaveBack() {
    if (hold instanceof Hold.Held(Epoch epoch, BootTime _)) {
      lapse(epoch, "the key was given back");
    }
  }

  /** Renewed no more; what runs under it is to be ended. */
  void letLapse(Epoch epoch, String why) {
    if (hold instanceof Hold.Held held && held.epoch().equals(epoch)) {
      lapse(epoch, why);
    }
  }

  /** The key was given back, or PostgreSQL is confirmed fenced and the hold forgotten. */
  void drop() {
    end();
    hold = new Hold.NotHeld();
    fenceTimer.disarm();
  }

  private void begin(Epoch epoch) {
    generation++;
    renewing = Optional.of(epoch);
  }

  private void end() {
    generation++;
    renewing = Optional.empty();
  }

  private void renew(Epoch epoch, long startedAs) {
    if (generation != startedAs || hold instanceof Hold.Lapsed) {
      return;
    }
    BootTime sentAt = ports.clock().now();
    var _ =
        ports
            .store()
            .renewHold(leaderKey, new Revision(epoch.value()))
            .whenComplete((renewal, failure) ->
                ports
                    .executor()
                    .execute(() ->
                        answered(
                            epoch,
                            startedAs,
                            sentAt,
                            renewal != null
                                ? renewal
                                : new Renewal.Unavailable(String.valueOf(failure)))));
    again(epoch, startedAs, renewEvery());
  }

  private void again(Epoch epoch, long startedAs, Duration delay) {
    ports
        .scheduler()
        .schedule(
            delay,
            () ->
                ports
                    .executor()
                    .execute(() -> {
                      if (generation == startedAs) {
                        renew(epoch, startedAs);
                      }
                    }));
  }

  private void answered(Epoch epoch, long startedAs, BootTime sentAt, Renewal renewal) {
    if (generation != startedAs) {
      return;
    }
    switch (renewal) {
      case Renewal.Renewed(Duration ttl) -> renewed(epoch, sentAt, ttl);
      case Renewal.Gone(String reason) -> {
        if (!(hold instanceof Hold.Lapsed)) {
          lapse(epoch, "the hold is gone: " + reason);
        }
      }
      case Renewal.Unavailable _, Renewal.Denied _ -> {
        BootTime now = ports.clock().now();
        if (!(current(now) instanceof Hold.Lapsed)) {
          retryOnce(epoch, startedAs);
        }
      }
    }
  }

  private void renewed(Epoch epoch, BootTime sentAt, Duration ttl) {
    BootTime now = ports.clock().now();
    boolean resumed = hold instanceof Hold.NotHeld;
    if (current(now) instanceof Hold.Lapsed) {
      return;
    }
    if (!now.isBefore(sentAt.plus(timings.get().holdFor(ttl)))) {
      return;
    }
    extend(epoch, sentAt, ttl);
    if (resumed) {
      ports.events().hold(now, epoch, "resumed");
    }
    changed.run();
  }

  private void retryOnce(Epoch epoch, long startedAs) {
    ports
        .scheduler()
        .schedule(
            renewEvery().dividedBy(RETRY_DIVISOR),
            () ->
                ports
                    .executor()
                    .execute(() -> {
                      if (generation == startedAs) {
                        ask(epoch, startedAs);
                      }
                    }));
  }

  /** A renewal beside the regular ones. */
  private void ask(Epoch epoch, long startedAs) {
    BootTime sentAt = ports.clock().now();
    var _ =
        ports
            .store()
            .renewHold(leaderKey, new Revision(epoch.value()))
            .thenAccept(renewal ->
                ports
                    .executor()
                    .execute(() -> {
                      if (!(renewal instanceof Renewal.Unavailable)) {
                        answered(epoch, startedAs, sentAt, renewal);
                      }
                    }));
  }

  private Duration renewEvery() {
    return timings.get().renewEvery(granted.orElse(SHORTEST_LEASE));
  }

  private void extend(Epoch epoch, BootTime sentAt, Duration ttl) {
    granted = Optional.of(ttl);
    BootTime deadline = sentAt.plus(timings.get().holdFor(ttl));
    if (hold instanceof Hold.Held held
        && held.epoch().equals(epoch)
        && deadline.isBefore(held.deadline())) {
      return;
    }
    hold = new Hold.Held(epoch, deadline);
    if (guarded) {
      fenceTimer.arm(deadline);
    }
    ports.postgres().mayBecomeWritableUntil(deadline);
    ports.guardian().feed(deadline);
  }

  private void lapse(Epoch epoch, String why) {
    hold = new Hold.Lapsed(epoch, why);
    end();
    ports.postgres().mayBecomeWritableUntil(ports.clock().now());
    fenceTimer.disarm();
    ports.events().hold(ports.clock().now(), epoch, why);
    changed.run();
  }
}
