package io.quorate.store.lease;

import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.lease.LeaseTimers.Timer;
import io.quorate.store.lease.VoterSet.Verdict;
import io.quorate.store.machine.Lease;
import io.quorate.store.machine.LeaseChange;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the store's leader knows about leases beyond the log, and its proof that it still leads.
 *
 * <p>The owner serializes all calls and passes the time at which each is made. It reports what
 * happens ({@link #becameReady}, {@link #applied}, requests arriving, voters answering) and does
 * what it is told: sends the answers returned, proposes what {@link #tick} returns.
 *
 * <p>Requests wait until a round <em>begun after they arrived</em> is confirmed: a majority of the
 * voters said that their persisted term is still this leader's. A voter that says so has not voted
 * in a later term, so any later leader was elected after the request arrived; no such leader can
 * have expired the lease by then, nor answered anything newer to a read.
 */
public final class LeaseAuthority {
  /** Most requests that may wait, in rounds or for one. */
  public static final int WAITING_MAX = 65_536;

  /** Most expiries proposed in one tick; the rest follows with the next. */
  public static final int PROPOSALS_MAX = 256;

  private static final Duration TICK_LEAST = Duration.ofMillis(5);

  private static final String NO_LEADER = "this member does not lead the store, or not yet";
  private static final String EXPIRING = "the lease has run out and is being removed";

  private final AuthorityRules rules;
  private final AuthorityTimings timings;
  private final HeldKeys heldKeys;
  private final LeaseTimers timers = new LeaseTimers();
  private final Rounds rounds;

  private long term;
  private boolean ready;
  private BootTime lastTick = new BootTime(0);

  /** An authority of a member that does not lead. */
  public LeaseAuthority(AuthorityRules rules, AuthorityTimings timings, HeldKeys heldKeys) {
    this.rules = rules;
    this.timings = timings;
    this.heldKeys = heldKeys;
    this.rounds = new Rounds(rules.freshAnswersOnly());
  }

  /** Whether requests are served: this member leads and is ready in its term. */
  public boolean leading() {
    return ready;
  }

  /** The term in which this member leads, or last led. */
  public long term() {
    return term;
  }

  /**
   * This member leads in {@code newTerm} and has applied all that was committed before. Every lease
   * gets its full time to live: its holder may have renewed it with the former leader a moment ago.
   *
   * @param leases all leases of the applied state
   */
  public void becameReady(long newTerm, BootTime now, Iterable<Lease> leases, VoterSet voters) {
    Invariant.check(!ready && newTerm > term, "ready in term %s after %s", newTerm, term);
    term = newTerm;
    ready = true;
    lastTick = now;
    rounds.begin(voters);
    if (rules.freshTtlWhenReady()) {
      timers.clear();
    }
    for (Lease lease : leases) {
      Timer known = timers.find(lease.id());
      if (known == null || known.generation != lease.generation()) {
        timers.start(lease.id(), lease.generation(), lease.ttlMillis(), now);
      }
    }
  }

  /** This member no longer leads, or can no longer be sure of it. */
  public List<Answer> lostLeadership() {
    ready = false;
    if (rules.freshTtlWhenReady()) {
      timers.clear();
    }
    return unavailable(rounds.drain(), NO_LEADER);
  }

  /** The configuration changed: rounds under way are asked anew. */
  public void votersChanged(VoterSet voters) {
    if (ready) {
      rounds.votersChanged(voters);
    }
  }

  /** The leader stood still for a while; renewals may be waiting that it has not seen. */
  public void paused(BootTime now) {
    if (ready && rules.freshTtlAfterPause()) {
      timers.refresh(now);
    }
  }

  /** The state machine granted or ended a lease. To be called on every member, in log order. */
  public void applied(LeaseChange change, BootTime now) {
    switch (change) {
      case LeaseChange.Granted(LeaseId id, long generation, long ttlMillis) -> {
        if (timers.isEmpty()) {
          // Without leases nobody needs to tick, and no renewal can have been missed.
          lastTick = now;
        }
        if (ready || !rules.freshTtlWhenReady()) {
          timers.start(id, generation, ttlMillis, now);
        }
      }
      case LeaseChange.Ended(LeaseId id, long generation) -> timers.end(id, generation);
    }
  }

  /** Somebody wants a lease extended. */
  public List<Answer> keepAliveArrived(long ticket, LeaseId id, BootTime now) {
    Timer timer = timers.find(id);
    return renewalArrived(
        new Rounds.KeepAlive(ticket, id, timer == null ? 0 : timer.generation), timer, now);
  }

  /** A holder wants the lease under its key extended. */
  public List<Answer> renewHoldArrived(
      long ticket, Bytes key, Revision createRevision, BootTime now) {
    Optional<Timer> timer = holdTimer(key, createRevision);
    return renewalArrived(
        new Rounds.Hold(
            ticket, key, createRevision, timer.map(found -> found.generation).orElse(0L)),
        timer.orElse(null),
        now);
  }

  /**
   * Somebody wants to read what is committed now.
   *
   * @param commitIndex the commit index after the request arrived
   */
  public List<Answer> readArrived(long ticket, long commitIndex) {
    return queue(new Rounds.Read(ticket, commitIndex));
  }

  /** Whether requests wait for a round to begin. */
  public boolean roundWanted() {
    return rounds.waiting() > 0;
  }

  /** Number of rounds begun and neither confirmed nor given up. */
  public int roundsUnderWay() {
    return rounds.underWay();
  }

  /**
   * Begins a round for all requests that wait. The owner then asks every voter for its persisted
   * term, its own running Raft server included, and reports each with {@link #voterAnswered}.
   *
   * @return the number of the round
   */
  public long beginRound() {
    Invariant.check(ready, "a round without leadership");
    return rounds.beginRound();
  }

  /**
   * A voter answered what it was asked in {@code round}: its persisted term is {@code voterTerm}.
   * Confirms the rounds begun earlier as well, since it was asked after they were.
   */
  public List<Answer> voterAnswered(long round, String voter, long voterTerm, BootTime now) {
    if (!ready) {
      return List.of();
    }
    List<Answer> answers = new ArrayList<>();
    for (Rounds.Decided decided : rounds.answered(round, voter, voterTerm == term)) {
      if (decided.verdict() == Verdict.CONFIRMED) {
        decided.requests().forEach(request -> answers.add(confirmed(request, now)));
      } else {
        answers.addAll(unavailable(decided.requests(), "a majority is in another term"));
      }
    }
    return answers;
  }

  /** Nothing more is expected of this round and of those before it. */
  public List<Answer> roundTimedOut(long round) {
    return unavailable(rounds.giveUp(round), "no majority of the store's voters answered");
  }

  /**
   * Lets time pass; to be called regularly as long as there are leases. Whatever ran out is dead
   * from here on for the rest of the term, before anybody hears of it.
   *
   * @return expiries to propose; one that comes up again was proposed before and not applied yet
   */
  public List<StoreCommand.ExpireLease> tick(BootTime now) {
    if (!ready) {
      return List.of();
    }
    if (lastTick.until(now).compareTo(timings.pauseLimit()) > 0) {
      paused(now);
    }
    lastTick = now;
    List<StoreCommand.ExpireLease> proposals = new ArrayList<>();
    for (Timer timer : timers.due(now, PROPOSALS_MAX)) {
      if (timer.dead() && !rules.deadUntilTermEnds()) {
        timers.revive(timer, now);
      } else {
        timers.declareDead(timer, now.plus(timings.repropose()));
        proposals.add(new StoreCommand.ExpireLease(timer.id, timer.generation, term));
      }
    }
    return proposals;
  }

  /**
   * How long after a {@link #tick} at {@code last} the next one is wanted: the usual interval, or
   * less where a lease runs out before that. What it holds is held so much shorter after its
   * holder's death. Never so short that many leases ending one after the other keep a thread busy.
   */
  public Duration untilTick(BootTime last) {
    Duration due = nextDue().map(last::until).orElse(timings.tickEvery());
    Duration sooner = due.compareTo(timings.tickEvery()) < 0 ? due : timings.tickEvery();
    return sooner.compareTo(TICK_LEAST) < 0 ? TICK_LEAST : sooner;
  }

  /** When {@link #tick} has something to do next, if nothing else happens. */
  public Optional<BootTime> nextDue() {
    return ready ? timers.next() : Optional.empty();
  }

  /** Time that a lease has left here; zero once it is dead, empty where nothing is known of it. */
  public Optional<Duration> remaining(LeaseId id, BootTime now) {
    Timer timer = ready ? timers.find(id) : null;
    if (timer == null) {
      return Optional.empty();
    }
    boolean over = timer.dead() || !now.isBefore(timer.due());
    return Optional.of(over ? Duration.ZERO : now.until(timer.due()));
  }

  private List<Answer> renewalArrived(Rounds.Request request, @Nullable Timer timer, BootTime now) {
    if (ready && timer != null && timer.dead() && rules.refuseDeadOnArrival()) {
      return List.of(new Answer.Unavailable(request.ticket(), EXPIRING));
    }
    return ready && !rules.confirmFirst() ? List.of(confirmed(request, now)) : queue(request);
  }

  private List<Answer> queue(Rounds.Request request) {
    if (!ready) {
      return List.of(new Answer.Unavailable(request.ticket(), NO_LEADER));
    }
    if (rounds.size() >= WAITING_MAX) {
      return List.of(
          new Answer.Unavailable(request.ticket(), "too many requests wait for confirmation"));
    }
    rounds.enqueue(request);
    return List.of();
  }

  private Answer confirmed(Rounds.Request request, BootTime now) {
    return switch (request) {
      case Rounds.Read(long ticket, long commitIndex) -> new Answer.ReadAt(ticket, commitIndex);
      case Rounds.KeepAlive(long ticket, LeaseId id, long generation) ->
          extend(ticket, timers.find(id), generation, "the lease does not exist", now);
      case Rounds.Hold(long ticket, Bytes key, Revision created, long generation) ->
          extend(
              ticket,
              holdTimer(key, created).orElse(null),
              generation,
              "the key does not stand with that create revision under a lease",
              now);
    };
  }

  /**
   * Extends, unless the lease is not the one that was there when the request arrived, or is dead.
   * The test and the extension are one step: an expiry decided while the round was under way wins.
   */
  private Answer extend(
      long ticket, @Nullable Timer timer, long generation, String whyGone, BootTime now) {
    if (timer == null || timer.generation != generation) {
      return new Answer.Gone(ticket, whyGone);
    }
    if (timer.dead() && rules.refuseDeadOnExtension()) {
      return new Answer.Unavailable(ticket, EXPIRING);
    }
    if (!timer.dead()) {
      timers.extend(timer, now);
    }
    return new Answer.Renewed(ticket, timer.ttl());
  }

  private Optional<Timer> holdTimer(Bytes key, Revision createRevision) {
    Optional<KeyValue> standing = heldKeys.find(key);
    if (standing.isEmpty()
        || (rules.holdNeedsKey() && !standing.get().createRevision().equals(createRevision))) {
      return Optional.empty();
    }
    return Optional.ofNullable(timers.find(standing.get().lease()));
  }

  private static List<Answer> unavailable(List<Rounds.Request> requests, String reason) {
    List<Answer> answers = new ArrayList<>(requests.size());
    for (Rounds.Request request : requests) {
      answers.add(new Answer.Unavailable(request.ticket(), reason));
    }
    return answers;
  }
}
