package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.ForwardResult;
import io.quorate.store.StoreError;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings each request to whoever leads, here or elsewhere, and again to the next leader where that
 * is harmless, so that a change of leader is a delay to callers and not an error.
 */
final class Router {
  private static final Duration SWEEP = Duration.ofMillis(20);
  private static final int PARKED_MAX = 8_192;

  /** A request on its way. */
  private static final class Journey<T> {
    final Call<T> call;
    final BootTime begun;
    final CompletableFuture<Attempt<T>> future = new CompletableFuture<>();

    /** Whether an attempt was made of which it is not known what became of it. */
    boolean lost;

    String lastReason = "no leader is known";

    Journey(Call<T> call, BootTime begun) {
      this.call = call;
      this.begun = begun;
    }
  }

  private final LeaderService service;
  private final MemberCalls calls;
  private final RaftStoreConfig.Timing timing;
  private final MonotonicClock clock;
  private final TaskScheduler scheduler;
  private final Executor executor;
  private final LeaderSeeker seeker;
  private final AtomicReference<Optional<LeaderLink>> link =
      new AtomicReference<>(Optional.empty());
  private final ReentrantLock lock = new ReentrantLock();
  private List<Journey<?>> parked = new ArrayList<>();
  private boolean sweeping;
  private volatile boolean closed;

  /**
   * @param executor where requests are made again
   */
  Router(
      LeaderService service,
      MemberCalls calls,
      RaftStoreConfig.Timing timing,
      MonotonicClock clock,
      TaskScheduler scheduler,
      Executor executor,
      LeaderSeeker seeker) {
    this.service = service;
    this.calls = calls;
    this.timing = timing;
    this.clock = clock;
    this.scheduler = scheduler;
    this.executor = executor;
    this.seeker = seeker;
  }

  /** Makes the request; the future never completes exceptionally, nor as not led. */
  <T> CompletableFuture<Attempt<T>> route(Call<T> call) {
    Journey<T> journey = new Journey<>(call, clock.now());
    attempt(journey);
    return journey.future;
  }

  /** Leadership changed, or became known. Must not be called under a lock of Raft's. */
  void leaderChanged() {
    Optional<LeaderLink> former = link.get();
    if (former.isPresent() && leadsNoMore(former.get().leader())) {
      link.compareAndSet(former, Optional.empty());
      former.get().abandon("another member leads now");
    }
    retryParked();
  }

  /** Known for certain: while nobody is known to lead, its answer may still come. */
  private boolean leadsNoMore(Voters.Peer former) {
    return service.leading()
        || seeker.otherLeader().filter(leader -> !leader.equals(former)).isPresent();
  }

  /** Ends all requests; later ones are refused. */
  void close() {
    closed = true;
    link.getAndSet(Optional.empty()).ifPresent(former -> former.abandon("the store was closed"));
    retryParked();
  }

  private <T> void attempt(Journey<T> journey) {
    if (closed) {
      finish(journey, new StoreError(StoreError.Code.CLOSED, "the store was closed"));
      return;
    }
    if (service.leading()) {
      var _ = journey.call.here(service).thenAccept(attempt -> arrived(journey, attempt));
      return;
    }
    Optional<LeaderLink> way = way();
    if (way.isEmpty()) {
      seeker.seek();
      park(journey);
      return;
    }
    var _ =
        way.get()
            .send(journey.call.lane(), journey.call.message())
            .thenAccept(attempt ->
                arrived(
                    journey,
                    switch (attempt) {
                      case Attempt.Served<ForwardResult>(ForwardResult result) ->
                          journey.call.answer(result);
                      case Attempt.Refused<ForwardResult>(StoreError error) ->
                          new Attempt.Refused<>(error);
                      case Attempt.NotNow<ForwardResult>(String reason) ->
                          new Attempt.NotNow<>(reason);
                      case Attempt.Lost<ForwardResult>(String reason) -> new Attempt.Lost<>(reason);
                    }));
  }

  private Optional<LeaderLink> way() {
    Optional<Voters.Peer> now = seeker.otherLeader();
    Optional<LeaderLink> current = link.get();
    if (now.isEmpty() || (current.isPresent() && current.get().leader().equals(now.get()))) {
      return now.isEmpty() ? Optional.empty() : current;
    }
    Optional<LeaderLink> fresh = Optional.of(new LeaderLink(calls, now.get()));
    if (link.compareAndSet(current, fresh)) {
      current.ifPresent(former -> former.abandon("another member leads now"));
      return fresh;
    }
    return link.get();
  }

  private <T> void arrived(Journey<T> journey, Attempt<T> attempt) {
    switch (attempt) {
      case Attempt.Served<T>(T value) -> {
        if (journey.lost && !journey.call.settles(value)) {
          journey.future.complete(
              new Attempt.Lost<>("an earlier attempt at this request may have been done"));
        } else {
          journey.future.complete(attempt);
        }
      }
      case Attempt.Refused<T>(StoreError error) -> finish(journey, error);
      case Attempt.NotNow<T>(String reason) -> {
        journey.lastReason = reason;
        park(journey);
      }
      case Attempt.Lost<T>(String reason) -> {
        journey.lastReason = reason;
        journey.lost = true;
        if (journey.call.repeatable()) {
          park(journey);
        } else {
          journey.future.complete(attempt);
        }
      }
    }
  }

  /** Refused for good: certainly not done only if no attempt was lost. */
  private static <T> void finish(Journey<T> journey, StoreError error) {
    journey.future.complete(
        journey.lost
            ? new Attempt.Lost<>(journey.lastReason + "; then: " + error.message())
            : new Attempt.Refused<>(error));
  }

  private void park(Journey<?> journey) {
    if (overdue(journey)) {
      finish(
          journey,
          new StoreError(
              StoreError.Code.UNAVAILABLE,
              "the store could not serve this in time: " + journey.lastReason));
      return;
    }
    boolean full;
    lock.lock();
    try {
      full = parked.size() >= PARKED_MAX;
      if (!full) {
        parked.add(journey);
        sweepLater();
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      finish(
          journey,
          new StoreError(StoreError.Code.OVERLOADED, "too many requests wait for a leader"));
    }
  }

  private boolean overdue(Journey<?> journey) {
    Duration limit = journey.lost ? timing.request() : timing.leaderWait();
    return closed || journey.begun.until(clock.now()).compareTo(limit) >= 0;
  }

  private void sweepLater() {
    if (!sweeping) {
      sweeping = true;
      var _ = scheduler.schedule(SWEEP, () -> executor.execute(this::sweep));
    }
  }

  private void sweep() {
    lock.lock();
    try {
      sweeping = false;
    } finally {
      lock.unlock();
    }
    retryParked();
  }

  private void retryParked() {
    List<Journey<?>> due;
    lock.lock();
    try {
      due = parked;
      parked = new ArrayList<>();
    } finally {
      lock.unlock();
    }
    due.forEach(this::attempt);
  }
}
