package io.quorate.store.local;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.lease.Answer;
import io.quorate.store.lease.AuthorityRules;
import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.lease.LeaseAuthority;
import io.quorate.store.lease.VoterSet;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.Outcomes;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreRules;
import io.quorate.store.machine.StoreState;
import io.quorate.store.machine.TxnCheck;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store of one member, in memory. Requests take effect in the caller's thread under one lock;
 * stages complete, and watches are told, one after another on the executor given.
 */
public final class LocalStore implements Store {
  private static final StoreError CLOSED =
      new StoreError(StoreError.Code.CLOSED, "the store was closed");
  private static final long TERM = 1;

  private final String member;
  private final MonotonicClock clock;
  private final TaskScheduler scheduler;
  private final SerialDelivery delivery;
  private final AuthorityTimings timings;
  private final ReentrantLock lock = new ReentrantLock();
  private final StoreMachine machine;
  private final LeaseAuthority authority;
  private final List<LocalWatch> watches = new ArrayList<>();
  private final List<Consumer<StoreStatus>> statusListeners = new ArrayList<>();
  private long index;
  private long tickets;
  private boolean ticking;
  private boolean closed;

  /**
   * What may be varied.
   *
   * @param initial state to begin with
   */
  public record Options(
      StoreState initial, StoreRules rules, AuthorityRules authority, AuthorityTimings timings) {

    /** An empty store that follows all rules. */
    public static Options standard() {
      return new Options(
          StoreState.empty(StoreLimits.DEFAULT),
          StoreRules.STRICT,
          AuthorityRules.STRICT,
          AuthorityTimings.DEFAULT);
    }
  }

  /**
   * Opens an empty store.
   *
   * @param member its only member's name
   * @param executor where stages complete and listeners are called; may run at once
   */
  public LocalStore(
      String member, MonotonicClock clock, TaskScheduler scheduler, Executor executor) {
    this(member, clock, scheduler, executor, Options.standard());
  }

  /** Opens a store with {@code options}. */
  public LocalStore(
      String member,
      MonotonicClock clock,
      TaskScheduler scheduler,
      Executor executor,
      Options options) {
    this.member = member;
    this.clock = clock;
    this.scheduler = scheduler;
    this.delivery = new SerialDelivery(executor);
    this.timings = options.timings();
    this.machine = new StoreMachine(options.initial(), options.rules());
    this.authority =
        new LeaseAuthority(
            options.authority(), options.timings(), key -> machine.state().find(key));
    this.index = options.initial().position().index();
    authority.becameReady(TERM, clock.now(), options.initial().allLeases(), VoterSet.of(member));
    keepTicking();
  }

  /** The state, now. */
  public StoreState state() {
    return machine.state();
  }

  @Override
  public CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal) {
    Optional<StoreError> objection = TxnCheck.objection(txn, machine.state().limits());
    return objection.isPresent()
        ? serve(() -> new Outcome.NotDone<>(objection.get()))
        : command(new StoreCommand.TxnCommand(txn, principal, Optional.empty()), Outcomes::txn);
  }

  @Override
  public CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode) {
    return serve(() ->
        switch (mode) {
          case SERIALIZABLE -> machine.state().range(query);
          case LINEARIZABLE -> linearizable(query);
        });
  }

  private Outcome<OpResult.Range> linearizable(RangeQuery query) {
    tickets++;
    return switch (confirm(authority.readArrived(tickets, index))) {
      case Answer.ReadAt _ -> machine.state().range(query);
      case Answer.Unavailable(long _, String reason) -> unavailable(reason);
      case Answer.Gone(long _, String reason) -> unavailable(reason);
      case Answer.Renewed _ -> unavailable("a read was taken for a renewal");
    };
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> grantLease(
      LeaseId id, Duration ttl, Principal principal) {
    long millis =
        ttl.compareTo(Duration.ofMillis(StoreLimits.MAX_TTL_MILLIS)) > 0
            ? Long.MAX_VALUE
            : ttl.toMillis();
    return command(new StoreCommand.GrantLease(id, millis, principal), Outcomes::granted);
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal) {
    return command(new StoreCommand.RevokeLease(id, principal), Outcomes::ended);
  }

  @Override
  public CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal) {
    if (principal == Principal.CLIENT && machine.state().guarded(id)) {
      return serve(
          () -> new Renewal.Denied(StoreError.PERMISSION_DENIED.message()),
          new Renewal.Unavailable(CLOSED.message()));
    }
    return renew(ticket -> authority.keepAliveArrived(ticket, id, clock.now()));
  }

  @Override
  public CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision) {
    return renew(ticket -> authority.renewHoldArrived(ticket, key, createRevision, clock.now()));
  }

  private CompletionStage<Renewal> renew(Function<Long, List<Answer>> arrival) {
    return serve(
        () -> {
          tickets++;
          return switch (confirm(arrival.apply(tickets))) {
            case Answer.Renewed(long _, Duration ttl) -> new Renewal.Renewed(ttl);
            case Answer.Gone(long _, String reason) -> new Renewal.Gone(reason);
            case Answer.Unavailable(long _, String reason) -> new Renewal.Unavailable(reason);
            case Answer.ReadAt _ -> new Renewal.Unavailable("a renewal was taken for a read");
          };
        },
        new Renewal.Unavailable(CLOSED.message()));
  }

  /** Asks the only voter, oneself. */
  private Answer confirm(List<Answer> atOnce) {
    List<Answer> answers = new ArrayList<>(atOnce);
    if (authority.roundWanted()) {
      long round = authority.beginRound();
      answers.addAll(authority.voterAnswered(round, member, TERM, clock.now()));
    }
    return answers.getFirst();
  }

  @Override
  public Watch watch(WatchQuery query, WatchListener listener) {
    LocalWatch watch = new LocalWatch(query, listener, delivery);
    lock.lock();
    try {
      if (closed) {
        watch.end(CLOSED, machine.state().compactRevision());
      } else {
        watch.replay(machine.state());
        watches.add(watch);
      }
    } finally {
      lock.unlock();
    }
    delivery.flush();
    return watch;
  }

  @Override
  public CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix) {
    return command(new StoreCommand.GuardPrefix(prefix), Outcomes::guarded);
  }

  /** Forgets what lies before {@code revision}. */
  public CompletionStage<Outcome<Revision>> compact(Revision revision) {
    return command(new StoreCommand.Compact(revision), Outcomes::compacted);
  }

  @Override
  public StoreStatus status() {
    lock.lock();
    try {
      return new StoreStatus(
          closed ? Optional.empty() : Optional.of(member),
          !closed,
          TERM,
          index,
          index,
          machine.state().revision(),
          List.of(new StoreStatus.Voter(member, "local", true)),
          closed ? Optional.of(CLOSED.message()) : Optional.empty());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStatusChange(Consumer<StoreStatus> listener) {
    lock.lock();
    try {
      statusListeners.add(listener);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Outcome<String>> transferLeadership(String target) {
    return serve(() ->
        target.equals(member)
            ? new Outcome.Done<>(member)
            : new Outcome.NotDone<>(
                new StoreError(
                    StoreError.Code.INVALID_ARGUMENT, "this store has no member " + target)));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      watches.forEach(watch -> watch.end(CLOSED, machine.state().compactRevision()));
      watches.clear();
      StoreStatus last = status();
      statusListeners.forEach(listener -> delivery.add(() -> listener.accept(last)));
    } finally {
      lock.unlock();
    }
    delivery.flush();
  }

  private <T> CompletionStage<Outcome<T>> command(
      StoreCommand command, Function<CommandResult, Outcome<T>> outcome) {
    return serve(() -> outcome.apply(apply(command)));
  }

  private <T> CompletionStage<Outcome<T>> serve(Supplier<Outcome<T>> work) {
    return serve(work, new Outcome.NotDone<>(CLOSED));
  }

  /** Works under the lock and answers on the executor. */
  private <T> CompletionStage<T> serve(Supplier<T> work, T whenClosed) {
    CompletableFuture<T> future = new CompletableFuture<>();
    lock.lock();
    try {
      T answer = closed ? whenClosed : work.get();
      delivery.add(() -> future.complete(answer));
    } finally {
      lock.unlock();
    }
    delivery.flush();
    return future.minimalCompletionStage();
  }

  /** Applies one command and queues what it gives; the lock is held. */
  private CommandResult apply(StoreCommand command) {
    index++;
    Applied applied = machine.apply(command, TERM, index);
    BootTime now = clock.now();
    applied.leaseChanges().forEach(change -> authority.applied(change, now));
    if (!applied.events().isEmpty()) {
      RevisionEvents events = new RevisionEvents(applied.revision(), applied.events());
      watches.forEach(watch -> watch.offer(events));
      watches.removeIf(LocalWatch::ended);
    }
    keepTicking();
    return applied.result();
  }

  /** Ticks as long as there are leases. */
  private void keepTicking() {
    if (!ticking && !closed && !machine.state().leases().isEmpty()) {
      ticking = true;
      scheduler.schedule(timings.tickEvery(), this::tick);
    }
  }

  private void tick() {
    lock.lock();
    try {
      ticking = false;
      if (!closed) {
        authority.tick(clock.now()).forEach(this::apply);
        keepTicking();
      }
    } finally {
      lock.unlock();
    }
    delivery.flush();
  }

  private static <T> Outcome<T> unavailable(String reason) {
    return new Outcome.NotDone<>(new StoreError(StoreError.Code.UNAVAILABLE, reason));
  }
}
