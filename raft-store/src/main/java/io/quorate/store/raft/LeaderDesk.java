package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.lease.Answer;
import io.quorate.store.lease.AuthorityRules;
import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.lease.LeaseAuthority;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.LeaseChange;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreState;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Guards the state machine and what the leader knows of leases with one lock, so that a renewal
 * never sees a key whose lease's time has not begun, and passes requests that need proof of
 * leadership through confirmation rounds (store rule 3).
 *
 * <p>Nothing is sent, and nobody is answered, while the lock is held; what holds it is pure and
 * short. Any thread may call.
 */
final class LeaderDesk {
  /** Rounds that may be under way before another one waits for its turn. */
  private static final int ROUNDS_MAX = 4;

  /** An unanswered round is followed by another one after this time, however many there are. */
  private static final Duration ASK_AGAIN = Duration.ofMillis(50);

  /** Asks all voters of {@code voters} for their term; the answers come back to the desk. */
  interface Asker {
    void ask(long round, Voters voters);
  }

  /** What is to be done once the lock is released. */
  private static final class Outbox {
    private final List<Runnable> deeds = new ArrayList<>();

    void add(Runnable deed) {
      deeds.add(deed);
    }

    boolean isEmpty() {
      return deeds.isEmpty();
    }

    void run() {
      deeds.forEach(Runnable::run);
    }
  }

  private record Begun(long round, BootTime at) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final StoreMachine machine;
  private final LeaseAuthority authority;
  private final MonotonicClock clock;
  private final Duration roundLimit;
  private final Map<Long, Consumer<Answer>> tickets = new HashMap<>();
  private final ArrayDeque<Begun> begun = new ArrayDeque<>();
  private final Supplier<Voters> configuration;
  private final Asker asker;
  private final Executor executor;
  private Voters voters = Voters.NONE;
  private long lastTicket;
  private volatile boolean leading;

  LeaderDesk(
      StoreMachine machine,
      MonotonicClock clock,
      AuthorityTimings timings,
      Duration roundLimit,
      Supplier<Voters> configuration,
      Asker asker,
      Executor executor) {
    this.machine = machine;
    this.clock = clock;
    this.roundLimit = roundLimit;
    this.configuration = configuration;
    this.asker = asker;
    this.executor = executor;
    this.authority =
        new LeaseAuthority(AuthorityRules.STRICT, timings, key -> machine.state().find(key));
  }

  /** Whether this member leads and is ready in its term. */
  boolean leading() {
    return leading;
  }

  /** Applies the commands of the next entry. */
  List<Applied> apply(List<StoreCommand> commands, long term, long index) {
    lock.lock();
    try {
      List<Applied> all = machine.applyAll(commands, term, index);
      for (Applied applied : all) {
        if (!applied.leaseChanges().isEmpty()) {
          BootTime now = clock.now();
          for (LeaseChange change : applied.leaseChanges()) {
            authority.applied(change, now);
          }
        }
      }
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Notes an entry that holds no command. */
  void skip(long term, long index) {
    lock.lock();
    try {
      machine.skip(term, index);
    } finally {
      lock.unlock();
    }
  }

  /** Goes on from another state; a member to which this happens does not lead. */
  void restore(StoreState state) {
    lost();
    lock.lock();
    try {
      machine.restore(state);
    } finally {
      lock.unlock();
    }
  }

  /** This member leads in {@code term} and has applied all that was committed before. */
  void ready(long term) {
    lost();
    Voters inForce = configuration.get();
    lock.lock();
    try {
      if (term > authority.term()) {
        voters = inForce;
        authority.becameReady(term, clock.now(), machine.state().allLeases(), inForce.ids());
        leading = true;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * This member does not lead any more, or cannot be sure of it. Raft's server calls this under its
   * own lock, so those who wait are told by the executor.
   */
  void lost() {
    Outbox outbox = new Outbox();
    lock.lock();
    try {
      leading = false;
      begun.clear();
      deliver(authority.lostLeadership(), outbox);
    } finally {
      lock.unlock();
    }
    if (!outbox.isEmpty()) {
      executor.execute(outbox::run);
    }
  }

  /** Time that a lease has left as far as this leader knows; zero where it knows nothing. */
  Duration remaining(LeaseId id) {
    lock.lock();
    try {
      return authority.remaining(id, clock.now()).orElse(Duration.ZERO);
    } finally {
      lock.unlock();
    }
  }

  /** Extends a lease once leadership is confirmed. */
  void keepAlive(LeaseId id, Consumer<Answer> then) {
    enter(then, ticket -> authority.keepAliveArrived(ticket, id, clock.now()));
  }

  /** Extends the lease under a key once leadership is confirmed. */
  void renewHold(Bytes key, Revision createRevision, Consumer<Answer> then) {
    enter(then, ticket -> authority.renewHoldArrived(ticket, key, createRevision, clock.now()));
  }

  /** Confirms leadership for a read; {@code commitIndex} is asked after the read has arrived. */
  void read(LongSupplier commitIndex, Consumer<Answer> then) {
    enter(then, ticket -> authority.readArrived(ticket, commitIndex.getAsLong()));
  }

  /** A voter said, after {@code round} had begun, that its term is {@code term}. */
  void voterAnswered(long round, String voter, long term) {
    Voters inForce = configuration.get();
    Outbox outbox = new Outbox();
    lock.lock();
    try {
      if (leading) {
        adopt(inForce);
        deliver(authority.voterAnswered(round, voter, term, clock.now()), outbox);
        pump(clock.now(), outbox);
      }
    } finally {
      lock.unlock();
    }
    outbox.run();
  }

  /** Lets time pass. Gives the expiries to propose. */
  List<StoreCommand.ExpireLease> tick() {
    Voters inForce = configuration.get();
    Outbox outbox = new Outbox();
    List<StoreCommand.ExpireLease> expiries = List.of();
    lock.lock();
    try {
      if (leading) {
        BootTime now = clock.now();
        expiries = authority.tick(now);
        adopt(inForce);
        giveUpOverdue(now, outbox);
        askAgain(now, outbox);
        pump(now, outbox);
      }
    } finally {
      lock.unlock();
    }
    outbox.run();
    return expiries;
  }

  /** How long after a {@link #tick} now the next one is wanted. */
  Duration untilTick() {
    lock.lock();
    try {
      return authority.untilTick(clock.now());
    } finally {
      lock.unlock();
    }
  }

  private interface Arrival {
    List<Answer> at(long ticket);
  }

  private void enter(Consumer<Answer> then, Arrival arrival) {
    Outbox outbox = new Outbox();
    lock.lock();
    try {
      lastTicket++;
      tickets.put(lastTicket, then);
      deliver(arrival.at(lastTicket), outbox);
      pump(clock.now(), outbox);
    } finally {
      lock.unlock();
    }
    outbox.run();
  }

  /** Rounds under way are asked anew when another configuration came into force. */
  private void adopt(Voters inForce) {
    if (inForce.index() != voters.index() && !inForce.current().isEmpty()) {
      voters = inForce;
      begun.clear();
      authority.votersChanged(inForce.ids());
    }
  }

  private void giveUpOverdue(BootTime now, Outbox outbox) {
    long overdue = 0;
    for (Begun oldest = begun.peek();
        oldest != null && oldest.at().until(now).compareTo(roundLimit) >= 0;
        oldest = begun.peek()) {
      overdue = oldest.round();
      begun.poll();
    }
    if (overdue > 0) {
      deliver(authority.roundTimedOut(overdue), outbox);
    }
  }

  private void askAgain(BootTime now, Outbox outbox) {
    Begun latest = begun.peekLast();
    if (latest != null
        && authority.roundsUnderWay() > 0
        && latest.at().until(now).compareTo(ASK_AGAIN) >= 0) {
      begin(now, outbox);
    }
  }

  /** Begins a round if somebody waits for one and not too many are under way. */
  private void pump(BootTime now, Outbox outbox) {
    int underWay = authority.roundsUnderWay();
    while (begun.size() > underWay) {
      begun.poll();
    }
    Begun latest = begun.peekLast();
    boolean turn =
        underWay < ROUNDS_MAX
            || (latest != null && latest.at().until(now).compareTo(ASK_AGAIN) >= 0);
    if (leading && authority.roundWanted() && turn) {
      begin(now, outbox);
    }
  }

  private void begin(BootTime now, Outbox outbox) {
    long round = authority.beginRound();
    begun.add(new Begun(round, now));
    Voters asked = voters;
    outbox.add(() -> asker.ask(round, asked));
  }

  private void deliver(List<Answer> answers, Outbox outbox) {
    for (Answer answer : answers) {
      @Nullable Consumer<Answer> then = tickets.remove(answer.ticket());
      Consumer<Answer> waiting =
          Invariant.present(then, "ticket %s is answered twice", answer.ticket());
      outbox.add(() -> waiting.accept(answer));
    }
  }
}
