package io.quorate.jepsen.sim.store;

import io.quorate.jepsen.sim.kernel.SimClock;
import io.quorate.jepsen.sim.kernel.SimExecutor;
import io.quorate.jepsen.sim.kernel.SimScheduler;
import io.quorate.store.StoreStatus;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreMachine;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** One voter as it runs: follower, candidate or leader. Raft as in the paper, with pre-votes. */
public final class Replica {

  private static final int BATCH = 64;

  enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
  }

  /** What a leader knows of another voter. */
  private static final class Peer {
    long next;
    long match;
    BootTime heard;
    BootTime sent;
    boolean inFlight;

    Peer(long next, BootTime now) {
      this.next = next;
      this.heard = now;
      this.sent = now.minus(Duration.ofSeconds(1));
    }
  }

  private final StoreGroup group;
  private final String name;
  private final RaftDisk disk;
  private final SimClock clock;
  private final SimScheduler scheduler;
  private final SimExecutor delivery;
  private final StoreMachine machine;
  private final LeaderDuties duties;
  private final TreeMap<String, Peer> peers = new TreeMap<>();
  private final TreeMap<Long, Consumer<Optional<CommandResult>>> pending = new TreeMap<>();
  private final List<ReplicaWatch> watches = new ArrayList<>();
  private final List<Consumer<StoreStatus>> listeners = new ArrayList<>();
  private final TreeSet<String> votes = new TreeSet<>();

  private Role role = Role.FOLLOWER;
  private Optional<String> leader = Optional.empty();
  private long commitIndex;
  private long ownFirst;
  private BootTime heard;
  private Duration patience;
  private Optional<BootTime> handingOverUntil = Optional.empty();
  private String shown = "";

  /** Starts the replica of {@code name} from its disk. */
  public Replica(StoreGroup group, String name, SimClock clock) {
    this.group = group;
    this.name = name;
    this.disk = group.disk(name);
    this.clock = clock;
    this.scheduler = new SimScheduler(group.kernel, group.endpoint(name).process(), clock);
    this.delivery = new SimExecutor(group.kernel, group.endpoint(name).process());
    this.machine = new StoreMachine(disk.state, group.rules);
    this.commitIndex = disk.state.position().index();
    this.duties = new LeaderDuties(this, group, name, machine, clock);
    this.heard = clock.now();
    this.patience = draw();
    group.started(name, this);
    scheduler.schedule(group.timings.tick(), this::tick);
  }

  SimExecutor delivery() {
    return delivery;
  }

  LeaderDuties duties() {
    return duties;
  }

  StoreMachine machine() {
    return machine;
  }

  Optional<String> leader() {
    return leader;
  }

  long commitIndex() {
    return commitIndex;
  }

  long applied() {
    return machine.state().position().index();
  }

  /** Leads, as it believes, and is ready in its term. */
  public boolean leadsReady() {
    return role == Role.LEADER && duties.leading();
  }

  /** Leads, and is not just handing over: what is appended meanwhile would spoil that. */
  boolean accepts() {
    return leadsReady() && handingOverUntil.filter(until -> clock.now().isBefore(until)).isEmpty();
  }

  /** Revision of the state applied here. */
  public long revision() {
    return machine.state().revision().value();
  }

  private Duration draw() {
    long least = group.timings.electionMin().toNanos();
    long most = group.timings.electionMax().toNanos();
    return Duration.ofNanos(group.kernel.random().nextLong(least, most + 1));
  }

  // Time

  private void tick() {
    scheduler.schedule(group.timings.tick(), this::tick);
    BootTime now = clock.now();
    if (role == Role.LEADER) {
      long alive =
          1
              + peers.values().stream()
                  .filter(p -> p.heard.until(now).compareTo(group.timings.stepDown()) < 0)
                  .count();
      if (!group.isMajority((int) alive)) {
        follow(disk.term, Optional.empty(), "hears no majority");
        return;
      }
      peers.forEach((peer, known) -> {
        if (known.sent.until(now).compareTo(group.timings.heartbeat()) >= 0) {
          sendAppend(peer, known);
        }
      });
      duties.tick();
    } else if (heard.until(now).compareTo(patience) > 0) {
      stand(true, false);
    }
  }

  // Elections

  private void stand(boolean preVote, boolean asked) {
    heard = clock.now();
    patience = draw();
    leader = Optional.empty();
    role = preVote ? Role.FOLLOWER : Role.CANDIDATE;
    if (!preVote) {
      disk.term++;
      disk.votedFor = Optional.of(name);
      group.kernel.note(name, "store: stands for term " + disk.term);
    }
    tellStatus();
    long wanted = preVote ? disk.term + 1 : disk.term;
    votes.clear();
    votes.add(name);
    long lastIndex = disk.lastIndex();
    long lastTerm = disk.termAt(lastIndex);
    for (String voter : group.others(name)) {
      group.network.send(
          name,
          voter,
          group.endpoint(voter).process(),
          () -> group.replica(voter).asked(name, wanted, lastIndex, lastTerm, preVote, asked));
    }
    if (group.isMajority(1)) {
      elected(preVote, wanted);
    }
  }

  private void asked(
      String candidate,
      long wanted,
      long lastIndex,
      long lastTerm,
      boolean preVote,
      boolean handedOver) {
    boolean contented =
        leader.isPresent()
            && (role == Role.LEADER
                || heard.until(clock.now()).compareTo(group.timings.electionMin()) < 0);
    if (contented && !handedOver) {
      return;
    }
    if (!preVote && wanted > disk.term) {
      follow(wanted, Optional.empty(), "sees term " + wanted);
    }
    boolean free =
        preVote
            ? wanted > disk.term
            : wanted == disk.term && disk.votedFor.filter(v -> !v.equals(candidate)).isEmpty();
    if (!free || !disk.atLeastAsComplete(lastTerm, lastIndex)) {
      return;
    }
    if (!preVote) {
      disk.votedFor = Optional.of(candidate);
      heard = clock.now();
    }
    group.network.send(
        name,
        candidate,
        group.endpoint(candidate).process(),
        () -> group.replica(candidate).voted(name, wanted, preVote));
  }

  private void voted(String voter, long wanted, boolean preVote) {
    boolean current =
        preVote
            ? role == Role.FOLLOWER && wanted == disk.term + 1 && leader.isEmpty()
            : role == Role.CANDIDATE && wanted == disk.term;
    if (current) {
      votes.add(voter);
      if (group.isMajority(votes.size())) {
        elected(preVote, wanted);
      }
    }
  }

  private void elected(boolean preVote, long wanted) {
    if (preVote) {
      stand(false, false);
      return;
    }
    role = Role.LEADER;
    leader = Optional.of(name);
    group.kernel.note(name, "store: leads in term " + wanted);
    peers.clear();
    BootTime now = clock.now();
    group.others(name).forEach(peer -> peers.put(peer, new Peer(disk.lastIndex() + 1, now)));
    disk.append(new LogEntry(disk.term, Optional.empty()));
    ownFirst = disk.lastIndex();
    tellStatus();
    advanceCommit();
    sendAppends();
  }

  /** Another asked this one to take over at once. */
  private void standNow(long term) {
    if (term == disk.term && role != Role.LEADER) {
      stand(false, true);
    }
  }

  private void follow(long term, Optional<String> newLeader, String why) {
    boolean led = role == Role.LEADER;
    role = Role.FOLLOWER;
    if (term > disk.term) {
      disk.term = term;
      disk.votedFor = Optional.empty();
    }
    leader = newLeader;
    heard = clock.now();
    if (led) {
      group.kernel.note(name, "store: leads no more, " + why);
      duties.lost();
      List<Consumer<Optional<CommandResult>>> open = List.copyOf(pending.values());
      pending.clear();
      open.forEach(then -> then.accept(Optional.empty()));
    }
    tellStatus();
  }

  // Replication

  /** Appends as leader; {@code then} gets the result, or nothing when it will never be known. */
  void propose(StoreCommand command, Consumer<Optional<CommandResult>> then) {
    disk.append(new LogEntry(disk.term, Optional.of(command)));
    pending.put(disk.lastIndex(), then);
    advanceCommit();
    sendAppends();
  }

  private void sendAppends() {
    peers.forEach((peer, known) -> {
      if (!known.inFlight) {
        sendAppend(peer, known);
      }
    });
  }

  private void sendAppend(String peer, Peer known) {
    known.sent = clock.now();
    known.inFlight = true;
    long term = disk.term;
    long before = known.next - 1;
    long beforeTerm = disk.termAt(before);
    long commit = commitIndex;
    List<LogEntry> entries = disk.from(known.next, BATCH);
    group.network.send(
        name,
        peer,
        group.endpoint(peer).process(),
        () -> group.replica(peer).append(name, term, before, beforeTerm, entries, commit));
  }

  private void append(
      String from,
      long term,
      long before,
      long beforeTerm,
      List<LogEntry> entries,
      long leaderCommit) {
    if (term < disk.term) {
      answer(from, term, false, 0);
      return;
    }
    if (term > disk.term || role != Role.FOLLOWER || !leader.equals(Optional.of(from))) {
      follow(term, Optional.of(from), "term " + term + " is led by " + from);
    }
    heard = clock.now();
    if (before > disk.lastIndex() || disk.termAt(before) != beforeTerm) {
      answer(from, term, false, Math.min(before - 1, disk.lastIndex()));
      return;
    }
    long index = before;
    for (LogEntry entry : entries) {
      index++;
      if (index <= disk.lastIndex() && disk.termAt(index) != entry.term) {
        disk.truncateFrom(index);
      }
      if (index > disk.lastIndex()) {
        disk.append(entry);
      }
    }
    commitIndex = Math.max(commitIndex, Math.min(leaderCommit, index));
    applyCommitted();
    answer(from, term, true, index);
  }

  private void answer(String to, long term, boolean success, long index) {
    long own = disk.term;
    group.network.send(
        name,
        to,
        group.endpoint(to).process(),
        () -> group.replica(to).appended(name, term, own, success, index));
  }

  private void appended(String peer, long sentIn, long peerTerm, boolean success, long index) {
    if (peerTerm > disk.term) {
      follow(peerTerm, Optional.empty(), peer + " is in term " + peerTerm);
      return;
    }
    Peer known = peers.get(peer);
    if (role != Role.LEADER || sentIn != disk.term || known == null) {
      return;
    }
    known.heard = clock.now();
    known.inFlight = false;
    if (success) {
      known.match = Math.max(known.match, index);
      known.next = known.match + 1;
      advanceCommit();
    } else {
      known.next = Math.max(known.match + 1, Math.min(known.next, index + 1));
    }
    if (known.next <= disk.lastIndex()) {
      sendAppend(peer, known);
    }
  }

  private void advanceCommit() {
    for (long index = disk.lastIndex(); index > commitIndex; index--) {
      if (disk.termAt(index) != disk.term) {
        break;
      }
      long at = index;
      long have = 1 + peers.values().stream().filter(p -> p.match >= at).count();
      if (group.isMajority((int) have)) {
        commitIndex = index;
        break;
      }
    }
    applyCommitted();
  }

  private void applyCommitted() {
    while (applied() < commitIndex) {
      long index = applied() + 1;
      LogEntry entry = disk.at(index);
      group.applied(index, entry);
      if (entry.command.isEmpty()) {
        machine.skip(entry.term, index);
      } else {
        apply(entry.command.get(), entry.term, index);
      }
      disk.state = machine.state();
      if (role == Role.LEADER && index == ownFirst) {
        duties.ready(disk.term);
        tellStatus();
      }
    }
    duties.appliedMore();
  }

  private void apply(StoreCommand command, long term, long index) {
    Applied result = machine.apply(command, term, index);
    duties.applied(result.leaseChanges());
    if (!result.events().isEmpty()) {
      RevisionEvents events = new RevisionEvents(result.revision(), result.events());
      watches.forEach(watch -> watch.offer(events));
      watches.removeIf(ReplicaWatch::over);
    }
    Consumer<Optional<CommandResult>> then = pending.remove(index);
    if (then != null) {
      then.accept(Optional.of(result.result()));
    }
  }

  // For the shell

  void watch(ReplicaWatch watch) {
    watches.add(watch);
  }

  /** Ends every watch, as after the installation of a snapshot. */
  public void endWatches() {
    watches.forEach(watch -> watch.end(machine.state().revision()));
    watches.clear();
  }

  void onStatus(Consumer<StoreStatus> listener) {
    listeners.add(listener);
  }

  /** Hands leadership to {@code target} if it has everything. */
  public boolean transfer(String target) {
    Peer known = peers.get(target);
    if (!leadsReady() || known == null || known.match < disk.lastIndex()) {
      return false;
    }
    handingOverUntil = Optional.of(clock.now().plus(group.timings.electionMin()));
    long term = disk.term;
    group.network.send(
        name, target, group.endpoint(target).process(), () -> group.replica(target).standNow(term));
    return true;
  }

  long term() {
    return disk.term;
  }

  StoreStatus status() {
    BootTime now = clock.now();
    List<StoreStatus.Voter> voters = new ArrayList<>();
    for (String voter : group.names()) {
      Peer known = role == Role.LEADER ? peers.get(voter) : null;
      boolean reachable = known == null || known.heard.until(now).toMillis() < 1000;
      voters.add(new StoreStatus.Voter(voter, voter + ":7000", reachable));
    }
    return new StoreStatus(
        leader,
        leadsReady(),
        disk.term,
        commitIndex,
        applied(),
        machine.state().revision(),
        voters,
        leader.isEmpty() ? Optional.of("no leader is known") : Optional.empty());
  }

  private void tellStatus() {
    String now = leader + "/" + leadsReady() + "/" + disk.term;
    if (!now.equals(shown)) {
      shown = now;
      StoreStatus status = status();
      listeners.forEach(listener -> delivery.execute(() -> listener.accept(status)));
    }
  }
}
