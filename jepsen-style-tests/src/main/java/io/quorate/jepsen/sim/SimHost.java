package io.quorate.jepsen.sim;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Wish;
import io.quorate.jepsen.invariant.HostFacts;
import io.quorate.jepsen.sim.kernel.SimClock;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimNetwork;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.jepsen.sim.postgres.Pace;
import io.quorate.jepsen.sim.postgres.SimServer;
import io.quorate.jepsen.sim.postgres.WalJournal;
import io.quorate.jepsen.sim.store.StoreGroup;
import io.quorate.time.BootTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A machine: three processes, a clock, disks. */
final class SimHost implements HostFacts {

  final String name;
  final SimProcess agent;
  final SimProcess postgres;
  final SimProcess guardian;
  final SimClock clock;
  final SimServer server;
  final GuardianDaemon guardianDaemon;
  final Pace pace;
  final boolean hasPostgres;
  private final SimKernel kernel;

  /** On disk, outside PGDATA. */
  NodeState durable = NodeState.EMPTY;

  @Nullable SimAgent running;
  boolean powered = true;
  private @Nullable StoreGroup group;
  private boolean standing;
  private long awakeSince;
  private int acquisitions;
  private Optional<Epoch> heldEpoch = Optional.empty();
  private Epoch lastHeld = Epoch.NONE;
  private BootTime heldUntil = new BootTime(0);
  private Optional<String> handsOverBy = Optional.empty();
  private Optional<EndOfWal> stoppedAt = Optional.empty();
  private final List<String> latePromotions = new ArrayList<>();
  private final List<Runnable> heldBack = new ArrayList<>();
  private boolean holdsBack;

  SimHost(
      String name,
      SimKernel kernel,
      SimNetwork network,
      Map<String, SimServer> servers,
      WalJournal journal,
      boolean hasPostgres) {
    this.name = name;
    this.hasPostgres = hasPostgres;
    this.kernel = kernel;
    this.agent = new SimProcess(name + "/agent");
    this.postgres = new SimProcess(name + "/postgres");
    this.guardian = new SimProcess(name + "/guardian");
    this.clock = new SimClock(kernel);
    this.server = new SimServer(name, kernel, network, postgres, servers, journal);
    this.guardianDaemon = new GuardianDaemon(name, kernel, guardian, clock, server);
    this.pace = new Pace(kernel);
    servers.put(name, server);
  }

  void joined(StoreGroup store) {
    group = store;
  }

  // What it may believe

  void believes(BootTime until) {
    heldUntil = until;
  }

  void took(Epoch epoch) {
    acquisitions++;
    holds(epoch);
  }

  int acquisitions() {
    return acquisitions;
  }

  void holds(Epoch epoch) {
    // The same one taken up again changes nothing of what was said in it.
    if (!epoch.equals(lastHeld)) {
      handsOverBy = Optional.empty();
    }
    lastHeld = epoch;
    heldEpoch = Optional.of(epoch);
  }

  void believesNothing() {
    heldEpoch = Optional.empty();
  }

  /** It has said that it serves no more, in the wish with this id; empty: it did not get to. */
  void handsOverBy(Optional<String> wish) {
    handsOverBy = wish;
  }

  /** The wish in which it has said so; empty if it has not. */
  Optional<String> handsOverBy() {
    return handsOverBy;
  }

  /** It is about to serve: what it has said must be void, the wish being over. */
  void servesAgain() {
    boolean open =
        snapshot()
            .flatMap(NodeSnapshot::cluster)
            .flatMap(view -> view.openIntent(Wish.PRIMARY_SLOT))
            .filter(intent -> handsOverBy.equals(Optional.of(intent.id())))
            .isPresent();
    if (!open) {
      handsOverBy = Optional.empty();
    }
  }

  void stoppedAt(Optional<EndOfWal> end) {
    stoppedAt = end;
  }

  void promotesLate(String what) {
    latePromotions.add(what);
  }

  List<String> latePromotions() {
    return latePromotions;
  }

  // Faults

  boolean acquisitionsHeldBack() {
    return holdsBack;
  }

  /** What this host sends to take the key is held on its way, or arrives now. */
  void acquisitionsHeldBack(boolean held) {
    holdsBack = held;
    if (!held) {
      List<Runnable> due = List.copyOf(heldBack);
      heldBack.clear();
      due.forEach(Runnable::run);
    }
  }

  void onceNotHeldBack(Runnable arrival) {
    heldBack.add(arrival);
  }

  void standStill(boolean stands) {
    standing = stands;
    awakeSince = kernel.now();
    agent.machineStands(stands);
    postgres.machineStands(stands);
    guardian.machineStands(stands);
  }

  void crashAgent() {
    agent.kill();
    running = null;
    if (group != null) {
      group.stopped(name);
    }
  }

  void crashWhole() {
    crashAgent();
    guardian.kill();
    server.kill("the host is gone");
    believesNothing();
    standStill(false);
    powered = false;
  }

  void boot() {
    powered = true;
    clock.reboot();
  }

  // What an observer sees

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean hasPostgres() {
    return hasPostgres;
  }

  @Override
  public boolean writable() {
    return server.writable();
  }

  @Override
  public Optional<Epoch> holds() {
    return heldEpoch.filter(_ -> clock.now().isBefore(heldUntil) && handsOverBy.isEmpty());
  }

  @Override
  public boolean paused() {
    return durable.paused();
  }

  @Override
  public long runningForNanos() {
    return standing ? 0 : kernel.now() - awakeSince;
  }

  @Override
  public Optional<NodeSnapshot> snapshot() {
    SimAgent present = running;
    return present == null ? Optional.empty() : present.engine().snapshot();
  }

  @Override
  public long agentRun() {
    return agent.incarnation();
  }

  @Override
  public OptionalLong storeRevision() {
    SimAgent present = running;
    return present == null ? OptionalLong.empty() : OptionalLong.of(present.replica().revision());
  }

  @Override
  public Optional<EndOfWal> stoppedAt() {
    return stoppedAt;
  }

  @Override
  public EndOfWal endOfWal() {
    return server.wal().end();
  }

  @Override
  public Optional<String> streamsFrom() {
    return server.streamsFrom();
  }
}
