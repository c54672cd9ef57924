package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.Upstream;
import io.quorate.invariant.Invariant;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimNetwork;
import io.quorate.jepsen.sim.kernel.SimProcess;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One host's PostgreSQL: its directory, and the instance that runs on it or does not. Whoever
 * controls it comes and goes; this stays.
 */
public final class SimServer {

  /** What the instance is doing. */
  public enum State {
    DOWN,
    STARTING,
    STANDBY,
    PRIMARY,
    STOPPING
  }

  private static final int COMMIT_LENGTH = 96;
  private static final int OTHER_LENGTH = 120;

  private final String name;
  private final SimKernel kernel;
  private final SimNetwork network;
  private final SimProcess process;
  private final Map<String, SimServer> servers;
  private final WalJournal journal;
  private final Set<Receiver> senders = new LinkedHashSet<>();

  @Nullable DataDirectory directory;
  private State state = State.DOWN;
  private Instant startedAt = Instant.EPOCH;
  private @Nullable Receiver receiver;
  private Optional<Lsn> received = Optional.empty();
  private int replayed;
  private boolean replaying;
  private boolean connecting;
  private int lagFactor = 1;
  private long fences;
  private boolean byHand;
  private Runnable onChange = () -> {};

  /** A host's PostgreSQL without a data directory; {@code servers}: all of them, by host. */
  public SimServer(
      String name,
      SimKernel kernel,
      SimNetwork network,
      SimProcess process,
      Map<String, SimServer> servers,
      WalJournal journal) {
    this.name = name;
    this.kernel = kernel;
    this.network = network;
    this.process = process;
    this.servers = servers;
    this.journal = journal;
  }

  /** The host. */
  public String name() {
    return name;
  }

  /** The instance's process. */
  public SimProcess process() {
    return process;
  }

  /** What the instance is doing. */
  public State state() {
    return state;
  }

  /** When its process was started, in the world's time. */
  Instant startedAt() {
    return startedAt;
  }

  /** Whether a client's write is accepted now; nobody routes clients to one started by hand. */
  public boolean writable() {
    return state == State.PRIMARY && process.running() && !byHand;
  }

  /** Whether a WAL receiver streams. */
  public boolean streaming() {
    return receiver != null;
  }

  /** The host that it streams from. */
  public Optional<String> streamsFrom() {
    Receiver current = receiver;
    return current == null ? Optional.empty() : current.primaryName();
  }

  /** The WAL on disk; empty where there is none. */
  public Wal wal() {
    DataDirectory present = directory;
    return present == null ? new Wal() : present.wal;
  }

  /** Timeline of the last record on disk. */
  public int timeline() {
    return wal().timeline();
  }

  /** Makes its WAL arrive slower than usual. */
  public void lagFactor(int factor) {
    lagFactor = factor;
  }

  Set<Receiver> senders() {
    return senders;
  }

  Optional<Lsn> received() {
    return received;
  }

  Optional<Receiver> receiver() {
    return Optional.ofNullable(receiver);
  }

  boolean linked(SimServer other) {
    return network.connected(name, other.name);
  }

  Optional<SimServer> server(String host) {
    return Optional.ofNullable(servers.get(host));
  }

  WalJournal journal() {
    return journal;
  }

  /** Counts every order to end the instance at once. */
  long fences() {
    return fences;
  }

  void onChange(Runnable listener) {
    onChange = listener;
  }

  long lagNanos() {
    return lagFactor * kernel.micros(300, 3000);
  }

  DataDirectory present() {
    return Invariant.present(directory, "%s has no data directory", name);
  }

  // Start and stop

  void start(boolean primary, long recoveryNanos) {
    Invariant.check(state == State.DOWN, "%s is started while it runs", name);
    DataDirectory dir = present();
    Invariant.check(dir.shape == DataDirectory.Shape.WHOLE, "%s starts a broken directory", name);
    process.start();
    startedAt = Instant.EPOCH.plusNanos(kernel.now());
    state = State.STARTING;
    boolean readsAsStandby = dir.standbySignal;
    Invariant.check(primary != readsAsStandby, "%s starts as what it is not to be", name);
    kernel.schedule(process, recoveryNanos, () -> recovered(dir, primary));
    onChange.run();
  }

  private void recovered(DataDirectory dir, boolean primary) {
    if (primary) {
      state = State.PRIMARY;
      write(dir, dir.wal.timeline(), OTHER_LENGTH, 0);
      dir.checkpointed(ClusterState.IN_PRODUCTION);
      kernel.note(name, "PostgreSQL is primary on " + dir.wal.end());
    } else {
      state = State.STANDBY;
      dir.controlState = ClusterState.IN_ARCHIVE_RECOVERY;
      received = Optional.empty();
      int behind = kernel.random().nextInt(0, 4);
      replayed = Math.max(0, dir.wal.size() - behind);
      kernel.note(name, "PostgreSQL is standby at " + dir.wal.end());
      replaySoon();
      connectSoon(kernel.millis(0, 20));
    }
  }

  /** Whether something other than an agent could start it, or promote what runs. */
  public boolean mayBeTakenByHand() {
    DataDirectory present = directory;
    return present != null
        && present.shape == DataDirectory.Shape.WHOLE
        && (state == State.STANDBY || state == State.DOWN);
  }

  /** Something other than an agent starts it as a primary, and writes to it. */
  public void startByHand() {
    present().standbySignal = false;
    byHand = true;
    start(true, kernel.millis(5, 50));
  }

  /** Something other than an agent promotes it: it takes the next timeline, and is written to. */
  public void promoteByHand() {
    byHand = true;
    promote(timeline() + 1);
  }

  /** Whoever started it ends it again. */
  public void endByHand() {
    if (byHand) {
      kill("stopped by hand");
    }
  }

  /** A write that no client of the cluster ever made. */
  public void writeByHand() {
    if (byHand && state == State.PRIMARY) {
      write(present(), timeline(), COMMIT_LENGTH, 0);
    }
  }

  /** Every process of the instance ends at once. */
  public void kill(String why) {
    if (state == State.DOWN) {
      return;
    }
    kernel.note(name, "PostgreSQL killed: " + why + ", was " + state);
    down();
  }

  /** As {@link #kill}, on the order of somebody who fences. */
  void orderedToEnd() {
    fences++;
  }

  private void down() {
    process.kill();
    state = State.DOWN;
    byHand = false;
    dropReceiver();
    List<Receiver> left = List.copyOf(senders);
    senders.clear();
    left.forEach(Receiver::abandoned);
    connecting = false;
    replaying = false;
    received = Optional.empty();
    onChange.run();
  }

  /** A fast shutdown begins; ends by itself once every reachable standby has everything. */
  void shutDown() {
    DataDirectory dir = present();
    boolean primary = state == State.PRIMARY;
    state = State.STOPPING;
    dropReceiver();
    if (primary) {
      write(dir, dir.wal.timeline(), OTHER_LENGTH, 0);
      dir.checkpointed(ClusterState.SHUTTING_DOWN);
    }
    kernel.schedule(process, kernel.millis(5, 60), () -> finishShutDown(dir, primary));
  }

  private void finishShutDown(DataDirectory dir, boolean primary) {
    if (primary && senders.stream().anyMatch(sender -> !sender.settled())) {
      kernel.schedule(process, kernel.millis(5, 20), () -> finishShutDown(dir, true));
      return;
    }
    if (primary) {
      dir.checkpointed(ClusterState.SHUT_DOWN);
    } else {
      dir.checkpointed(ClusterState.SHUT_DOWN_IN_RECOVERY);
    }
    kernel.note(name, "PostgreSQL is shut down at " + dir.wal.end());
    down();
  }

  // Standby

  /** Writes durably where to receive from, and has it taken. */
  void point(Upstream upstream) {
    present().upstream = upstream;
    dropReceiver();
    connectSoon(kernel.millis(0, 10));
  }

  private void dropReceiver() {
    Receiver current = receiver;
    receiver = null;
    if (current != null) {
      current.end();
    }
  }

  void disconnected(Receiver ended) {
    if (receiver == ended) {
      dropReceiver();
      connectSoon(kernel.millis(20, 400));
    }
  }

  private void connectSoon(long delay) {
    if (!connecting && state == State.STANDBY) {
      connecting = true;
      kernel.schedule(process, delay, this::connect);
    }
  }

  private void connect() {
    connecting = false;
    DataDirectory dir = present();
    if (state != State.STANDBY
        || receiver != null
        || !(dir.upstream instanceof Upstream.Following following)) {
      return;
    }
    SimServer primary = servers.get(following.member().value());
    if (primary == null || !primary.writable() || !linked(primary)) {
      connectSoon(kernel.millis(100, 500));
      return;
    }
    String objection = Receiver.objection(dir.wal, primary.wal());
    if (!objection.isEmpty()) {
      kernel.note(name, "cannot stream from " + primary.name + ": " + objection);
      connectSoon(kernel.millis(300, 800));
      return;
    }
    if (!dir.wal.isPrefixOf(primary.wal())) {
      journal.mixed(
          name + " at " + dir.wal.end() + " streams from " + primary.name + ", whose WAL differs");
    }
    Receiver fresh = new Receiver(kernel, this, primary, dir);
    receiver = fresh;
    kernel.note(name, "streams from " + primary.name + " at " + dir.wal.end());
    fresh.begin();
  }

  void received(long lsn) {
    received = Optional.of(new Lsn(lsn));
    replaySoon();
  }

  private void replaySoon() {
    if (!replaying) {
      replaying = true;
      kernel.schedule(
          process,
          lagFactor * kernel.micros(200, 8000),
          () -> {
            replaying = false;
            replayed = wal().size();
          });
    }
  }

  /** Whether all local WAL is replayed. */
  boolean replayedAll() {
    return state == State.STANDBY && replayed >= wal().size();
  }

  Lsn replay() {
    Wal wal = wal();
    int index = Math.min(replayed, wal.size());
    return new Lsn(index == 0 ? Wal.FIRST : wal.records().get(index - 1).end());
  }

  /** Takes {@code timeline} and becomes a primary. */
  void promote(int timeline) {
    DataDirectory dir = present();
    Invariant.check(state == State.STANDBY, "%s is promoted as %s", name, state);
    dropReceiver();
    write(dir, timeline, OTHER_LENGTH, 0);
    state = State.PRIMARY;
    dir.standbySignal = false;
    dir.controlState = ClusterState.IN_PRODUCTION;
    kernel.note(name, "PostgreSQL is promoted, writes " + dir.wal.end());
    onChange.run();
  }

  // Primary

  /** A client commits; the record, once it is in the primary's WAL. */
  public Optional<WalRecord> commit(long number) {
    return writable()
        ? Optional.of(write(present(), wal().timeline(), COMMIT_LENGTH, number))
        : Optional.empty();
  }

  private WalRecord write(DataDirectory dir, int timeline, int length, long commit) {
    WalRecord record =
        byHand
            ? dir.wal.append(timeline, length, name + " by hand")
            : journal.write(dir.systemIdentifier, dir.wal, timeline, length, commit, name);
    senders.forEach(Receiver::moreToSend);
    return record;
  }
}
