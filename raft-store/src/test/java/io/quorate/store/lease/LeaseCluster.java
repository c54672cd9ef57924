package io.quorate.store.lease;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreRules;
import io.quorate.store.machine.StoreState;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Three voters and those who hold one key, driven by chance: any step may come at any time, and a
 * pause is a node whose steps do not come. Consensus is cut down to what leases can meet: terms,
 * votes by majority, logs copied whole, a leader that learns late that it is deposed.
 *
 * <p>What must hold: when the key vanishes its holder no longer believes in it, and nothing that it
 * is answered later makes it believe past that moment.
 */
final class LeaseCluster {
  static final Bytes KEY = Bytes.utf8("leader");
  static final Duration TTL = Duration.ofSeconds(1);
  private static final int NODES = 3;
  private static final int NOBODY = -1;

  /** Thrown when somebody believes in a key that is gone. */
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message);
    }
  }

  /** What is varied: rules of apply, rules of the authority, and waiting until ready. */
  record Rules(StoreRules store, AuthorityRules authority, boolean readyFirst) {}

  private record Entry(long term, List<StoreCommand> command, BootTime sent) {}

  private record Ask(int leader, long round, int voter) {}

  private record Reply(Ask ask, long voterTerm) {}

  private record Decision(int node, StoreCommand.ExpireLease expiry) {}

  private record Renewing(int tenure, BootTime sent, Revision created) {}

  private static final class Node {
    final int id;
    final StoreMachine machine;
    final LeaseAuthority authority;
    List<Entry> log = new ArrayList<>();
    long term = 1;
    long leads;
    int applied;

    Node(int id, Rules rules) {
      this.id = id;
      this.machine = new StoreMachine(StoreState.empty(StoreLimits.DEFAULT), rules.store());
      this.authority =
          new LeaseAuthority(
              rules.authority(),
              new AuthorityTimings(
                  Duration.ofMillis(1), Duration.ofDays(1), Duration.ofMillis(400)),
              key -> machine.state().find(key));
    }
  }

  /** One time that somebody held the key. */
  private static final class Tenure {
    final Revision created;
    private BootTime believesUntil;
    private Optional<BootTime> ended = Optional.empty();

    Tenure(Revision created, BootTime believesUntil) {
      this.created = created;
      this.believesUntil = believesUntil;
    }

    void end(BootTime now) {
      if (ended.isEmpty()) {
        ended = Optional.of(now);
        check();
      }
    }

    void believe(BootTime until) {
      if (believesUntil.isBefore(until)) {
        believesUntil = until;
        check();
      }
    }

    private void check() {
      if (ended.isPresent() && ended.get().isBefore(believesUntil)) {
        throw new Violation("the key is gone, and its holder believes in it");
      }
    }
  }

  private final SplittableRandom random;
  private final Rules rules;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Entry> committed = new ArrayList<>();
  private final StoreMachine truth;
  private final List<Ask> asks = new ArrayList<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final List<Renewing> renewing = new ArrayList<>();
  private final TreeMap<Long, Renewing> waiting = new TreeMap<>();
  private final List<Tenure> tenures = new ArrayList<>();
  private BootTime now = new BootTime(1_000_000_000L);
  private long tickets;
  private int renewed;
  private int asleep = NOBODY;
  private int wakesAt;
  private int lately;

  LeaseCluster(long seed, Rules rules) {
    this.random = new SplittableRandom(seed);
    this.rules = rules;
    this.truth = new StoreMachine(StoreState.empty(StoreLimits.DEFAULT), rules.store());
    IntStream.range(0, NODES).forEach(id -> nodes.add(new Node(id, rules)));
  }

  int tenures() {
    return tenures.size();
  }

  int renewals() {
    return renewed;
  }

  /** Takes {@code steps} steps that change something. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      if (i == wakesAt) {
        asleep = NOBODY;
      }
      if (asleep == NOBODY && random.nextInt(40) == 0) {
        asleep = random.nextInt(NODES);
        wakesAt = i + random.nextInt(10, 120);
      }
      boolean changed = false;
      while (!changed) {
        changed = step(random.nextInt(100));
      }
    }
  }

  private boolean step(int kind) {
    if (kind < 6) {
      now = now.plus(Duration.ofMillis(random.nextInt(1, 350)));
      return true;
    }
    Node node = nodes.get(random.nextBoolean() ? lately : random.nextInt(NODES));
    if (node.id == asleep) {
      return false;
    }
    if (kind < 7) {
      return random.nextInt(2) == 0 && elect(node);
    }
    if (kind < 30) {
      return replicate(node, nodes.get(random.nextInt(NODES)));
    }
    if (kind < 38) {
      return commit(node);
    }
    if (kind < 50) {
      return apply(node) || becomeReady(node);
    }
    if (kind < 55) {
      return acquire(node);
    }
    if (kind < 70) {
      return kind < 62 ? sendRenewal() : deliverRenewal(node);
    }
    if (kind < 90) {
      return kind < 74 ? beginRound(node) : kind < 82 ? answer(node) : deliverAnswer(node);
    }
    return kind < 95 ? decide(node) : appendDecision(node);
  }

  private boolean elect(Node candidate) {
    List<Node> quorum =
        nodes.stream()
            .filter(node -> node.id != asleep)
            .filter(node -> node.id == candidate.id || random.nextBoolean())
            .toList();
    if (2 * quorum.size() <= NODES
        || !quorum.stream().allMatch(voter -> upToDate(candidate.log, voter.log))) {
      return false;
    }
    long term = 1 + nodes.stream().mapToLong(node -> node.term).max().orElseThrow();
    quorum.forEach(voter -> adopt(voter, term));
    candidate.leads = term;
    lately = candidate.id;
    candidate.log.add(new Entry(term, List.of(), now));
    if (!rules.readyFirst()) {
      ready(candidate);
    }
    return true;
  }

  private static boolean upToDate(List<Entry> mine, List<Entry> theirs) {
    long myLast = mine.isEmpty() ? 0 : mine.getLast().term;
    long theirLast = theirs.isEmpty() ? 0 : theirs.getLast().term;
    return myLast > theirLast || (myLast == theirLast && mine.size() >= theirs.size());
  }

  private void adopt(Node node, long term) {
    if (term > node.term || node.leads != 0) {
      node.term = term;
      node.leads = 0;
      process(node.authority.lostLeadership());
    }
  }

  private boolean replicate(Node leader, Node other) {
    if (leader.leads == 0
        || leader.id == other.id
        || other.id == asleep
        || other.term > leader.leads
        || other.log.equals(leader.log)) {
      return false;
    }
    adopt(other, leader.leads);
    other.log = new ArrayList<>(leader.log);
    return true;
  }

  private boolean commit(Node leader) {
    if (leader.leads == 0
        || leader.log.size() <= committed.size()
        || leader.log.getLast().term != leader.leads) {
      return false;
    }
    long holding =
        nodes.stream()
            .filter(node -> node.log.equals(leader.log))
            .filter(node -> node.term == leader.leads)
            .count();
    if (2 * holding <= NODES) {
      return false;
    }
    for (Entry entry : List.copyOf(leader.log.subList(committed.size(), leader.log.size()))) {
      committed.add(entry);
      happen(entry);
    }
    return true;
  }

  /** The moment at which a command takes effect, as the world sees it. */
  private void happen(Entry entry) {
    for (StoreCommand command : entry.command) {
      Applied applied =
          truth.apply(command, entry.term, committed.size() * 2L + index(entry, command));
      if (applied.result() instanceof CommandResult.Refused) {
        return; // A holder that gets no lease does not put the key.
      }
      if (!tenures.isEmpty() && truth.state().find(KEY).isEmpty()) {
        tenures.getLast().end(now);
      }
      if (applied.result() instanceof CommandResult.TxnDone(var txn) && txn.succeeded()) {
        tenures.add(new Tenure(applied.revision(), entry.sent.plus(TTL)));
      }
    }
  }

  private static long index(Entry entry, StoreCommand command) {
    return entry.command.indexOf(command);
  }

  private boolean apply(Node node) {
    if (node.applied >= committed.size()
        || node.log.size() <= node.applied
        || !node.log.get(node.applied).equals(committed.get(node.applied))) {
      return false;
    }
    Entry entry = committed.get(node.applied);
    node.applied++;
    for (StoreCommand command : entry.command) {
      Applied applied =
          node.machine.apply(command, entry.term, node.applied * 2L + index(entry, command));
      applied.leaseChanges().forEach(change -> node.authority.applied(change, now));
      if (applied.result() instanceof CommandResult.Refused) {
        break;
      }
    }
    return true;
  }

  private boolean becomeReady(Node node) {
    if (node.leads == 0
        || node.authority.leading()
        || node.applied == 0
        || committed.get(node.applied - 1).term != node.leads) {
      return false;
    }
    ready(node);
    return true;
  }

  private void ready(Node node) {
    node.authority.becameReady(
        node.leads, now, node.machine.state().allLeases(), VoterSet.of("0", "1", "2"));
  }

  /** A holder grants itself a lease and puts the key, if nobody has it, in one entry. */
  private boolean acquire(Node leader) {
    if (leader.leads == 0
        || leader.machine.state().find(KEY).isPresent()
        || leader.log.stream().skip(committed.size()).anyMatch(e -> e.command.size() > 1)) {
      return false;
    }
    LeaseId lease = new LeaseId(random.nextInt(1, 3));
    leader.log.add(
        new Entry(
            leader.leads,
            List.of(
                new StoreCommand.GrantLease(lease, TTL.toMillis(), Principal.MEMBER),
                new StoreCommand.TxnCommand(
                    Txn.when(List.of(Compare.absent(KEY)), List.of(Op.put(KEY, KEY, lease))),
                    Principal.MEMBER,
                    Optional.empty())),
            now));
    return true;
  }

  private boolean sendRenewal() {
    if (tenures.isEmpty() || renewing.size() > 3) {
      return false;
    }
    int tenure = Math.max(0, tenures.size() - 1 - random.nextInt(5) / 4);
    renewing.add(new Renewing(tenure, now, tenures.get(tenure).created));
    return true;
  }

  private boolean deliverRenewal(Node node) {
    if (renewing.isEmpty() || !node.authority.leading()) {
      return false;
    }
    Renewing request = renewing.remove(random.nextInt(renewing.size()));
    tickets++;
    waiting.put(tickets, request);
    process(node.authority.renewHoldArrived(tickets, KEY, request.created, now));
    return true;
  }

  private boolean beginRound(Node node) {
    if (!node.authority.leading() || !node.authority.roundWanted()) {
      return false;
    }
    long round = node.authority.beginRound();
    for (int voter = 0; voter < NODES; voter++) {
      asks.add(new Ask(node.id, round, voter));
    }
    return true;
  }

  private boolean answer(Node voter) {
    List<Ask> mine = asks.stream().filter(ask -> ask.voter == voter.id).toList();
    if (mine.isEmpty()) {
      return false;
    }
    Ask ask = pick(mine);
    asks.remove(ask);
    replies.add(new Reply(ask, voter.term));
    return true;
  }

  private boolean deliverAnswer(Node leader) {
    List<Reply> mine = replies.stream().filter(reply -> reply.ask.leader == leader.id).toList();
    if (mine.isEmpty()) {
      return false;
    }
    Reply reply = pick(mine);
    replies.remove(reply);
    process(
        leader.authority.voterAnswered(
            reply.ask.round, Integer.toString(reply.ask.voter), reply.voterTerm, now));
    return true;
  }

  private boolean decide(Node node) {
    List<StoreCommand.ExpireLease> due = node.authority.tick(now);
    due.forEach(expiry -> decisions.add(new Decision(node.id, expiry)));
    return !due.isEmpty();
  }

  /** The thread that proposes may have slept through any number of terms. */
  private boolean appendDecision(Node node) {
    List<Decision> mine = decisions.stream().filter(made -> made.node == node.id).toList();
    if (mine.isEmpty() || node.leads == 0) {
      return false;
    }
    Decision decision = pick(mine);
    decisions.remove(decision);
    node.log.add(new Entry(node.leads, List.of(decision.expiry), now));
    return true;
  }

  /** Mostly the latest, sometimes any. */
  private <T> T pick(List<T> list) {
    return random.nextInt(3) > 0 ? list.getLast() : list.get(random.nextInt(list.size()));
  }

  private void process(List<Answer> answers) {
    for (Answer answer : answers) {
      Renewing request = waiting.remove(answer.ticket());
      if (request != null && answer instanceof Answer.Renewed(long _, Duration ttl)) {
        renewed++;
        tenures.get(request.tenure).believe(request.sent.plus(ttl));
      }
    }
  }
}
