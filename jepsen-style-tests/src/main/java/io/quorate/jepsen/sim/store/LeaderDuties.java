package io.quorate.jepsen.sim.store;

import io.quorate.jepsen.sim.kernel.SimClock;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.lease.Answer;
import io.quorate.store.lease.AuthorityRules;
import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.lease.LeaseAuthority;
import io.quorate.store.machine.LeaseChange;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreMachine;
import io.quorate.time.BootTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a leader does beside replication: confirms its term to extend leases and to answer reads,
 * and proposes the expiry of leases. The judgement is the production code's.
 */
final class LeaderDuties {

  private static final int ROUNDS = 4;

  private record Read(RangeQuery query, Consumer<Outcome<OpResult.Range>> then) {}

  private record ConfirmedRead(long index, Read read) {}

  private final Replica replica;
  private final StoreGroup group;
  private final SimKernel kernel;
  private final String name;
  private final StoreMachine machine;
  private final SimClock clock;
  private final LeaseAuthority authority;
  private final TreeMap<Long, Consumer<Renewal>> renewals = new TreeMap<>();
  private final TreeMap<Long, Read> reads = new TreeMap<>();
  private final List<ConfirmedRead> confirmed = new ArrayList<>();
  private BootTime ticked;
  private long tickets;

  LeaderDuties(
      Replica replica, StoreGroup group, String name, StoreMachine machine, SimClock clock) {
    this.replica = replica;
    this.group = group;
    this.kernel = group.kernel;
    this.name = name;
    this.machine = machine;
    this.clock = clock;
    this.ticked = clock.now();
    this.authority =
        new LeaseAuthority(
            AuthorityRules.STRICT, AuthorityTimings.DEFAULT, key -> machine.state().find(key));
  }

  boolean leading() {
    return authority.leading();
  }

  void ready(long term) {
    kernel.note(name, "store: ready in term " + term);
    authority.becameReady(term, clock.now(), machine.state().allLeases(), group.voterSet());
  }

  void lost() {
    tell(authority.lostLeadership());
    confirmed.forEach(read -> refuse(read.read, "leadership was lost"));
    confirmed.clear();
  }

  void applied(List<LeaseChange> changes) {
    BootTime now = clock.now();
    changes.forEach(change -> authority.applied(change, now));
  }

  /** Answers reads whose index is applied. */
  void appliedMore() {
    Iterator<ConfirmedRead> waiting = confirmed.iterator();
    while (waiting.hasNext()) {
      ConfirmedRead read = waiting.next();
      if (read.index <= replica.applied()) {
        waiting.remove();
        read.read.then.accept(machine.state().range(read.read.query));
      }
    }
  }

  // Requests

  void keepAlive(LeaseId id, Consumer<Renewal> then) {
    tickets++;
    renewals.put(tickets, then);
    tell(authority.keepAliveArrived(tickets, id, clock.now()));
    beginRounds();
  }

  void renewHold(Bytes key, Revision created, Consumer<Renewal> then) {
    tickets++;
    renewals.put(tickets, then);
    tell(authority.renewHoldArrived(tickets, key, created, clock.now()));
    beginRounds();
  }

  void read(RangeQuery query, Consumer<Outcome<OpResult.Range>> then) {
    tickets++;
    reads.put(tickets, new Read(query, then));
    tell(authority.readArrived(tickets, replica.commitIndex()));
    beginRounds();
  }

  private void beginRounds() {
    if (!authority.leading() || !authority.roundWanted() || authority.roundsUnderWay() >= ROUNDS) {
      return;
    }
    long round = authority.beginRound();
    long term = authority.term();
    for (String voter : group.names()) {
      group.network.<Long>call(
          group.endpoint(name),
          group.endpoint(voter),
          group.timings.round().toNanos(),
          answer -> answer.accept(group.replica(voter).term()),
          answer -> {
            if (answer.isPresent() && authority.term() == term) {
              tell(authority.voterAnswered(round, voter, answer.get(), clock.now()));
              beginRounds();
            }
          });
    }
    kernel.schedule(
        group.endpoint(name).process(),
        group.timings.round().toNanos(),
        () -> {
          if (authority.term() == term) {
            tell(authority.roundTimedOut(round));
            beginRounds();
          }
        });
  }

  private void tell(List<Answer> answers) {
    for (Answer answer : answers) {
      switch (answer) {
        case Answer.Renewed(long ticket, var ttl) -> renewal(ticket, new Renewal.Renewed(ttl));
        case Answer.Gone(long ticket, String reason) -> renewal(ticket, new Renewal.Gone(reason));
        case Answer.Unavailable(long ticket, String reason) -> {
          Read read = reads.remove(ticket);
          if (read != null) {
            refuse(read, reason);
          } else {
            renewal(ticket, new Renewal.Unavailable(reason));
          }
        }
        case Answer.ReadAt(long ticket, long index) ->
            Optional.ofNullable(reads.remove(ticket))
                .ifPresent(read -> confirmed.add(new ConfirmedRead(index, read)));
      }
    }
    appliedMore();
  }

  private void renewal(long ticket, Renewal renewal) {
    Optional.ofNullable(renewals.remove(ticket)).ifPresent(then -> then.accept(renewal));
  }

  private static void refuse(Read read, String reason) {
    read.then.accept(new Outcome.NotDone<>(new StoreError(StoreError.Code.UNAVAILABLE, reason)));
  }

  // Expiry

  void tick() {
    BootTime now = clock.now();
    if (ticked.until(now).compareTo(authority.untilTick(ticked)) < 0) {
      return;
    }
    ticked = now;
    for (StoreCommand.ExpireLease expiry : authority.tick(now)) {
      kernel.note(
          name, "store: lease " + expiry.id() + " ran out, decided in " + expiry.decisionTerm());
      // Between the decision and the log there is a thread that may be held up, or the whole
      // process; by then another may lead, or this one again.
      long held = kernel.oneIn(20) ? kernel.millis(100, 6000) : kernel.micros(10, 2000);
      kernel.schedule(group.endpoint(name).process(), held, () -> propose(expiry));
    }
  }

  /** Into the log of whoever leads by now. */
  private void propose(StoreCommand.ExpireLease expiry) {
    if (replica.accepts()) {
      replica.propose(expiry, _ -> {});
      return;
    }
    replica
        .leader()
        .filter(other -> !other.equals(name))
        .ifPresent(other ->
            group.network.send(
                name,
                other,
                group.endpoint(other).process(),
                () -> {
                  if (group.replica(other).accepts()) {
                    group.replica(other).propose(expiry, _ -> {});
                  }
                }));
  }
}
