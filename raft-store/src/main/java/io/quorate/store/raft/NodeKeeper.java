package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a Raft server running for this member: starts it, brings it into the group, closes it when
 * its storage fails, and starts another one when the storage works again.
 */
final class NodeKeeper implements Bootstrap.Owner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeKeeper.class);
  private static final Duration REBUILD = Duration.ofSeconds(2);
  private static final Duration SAY_AGAIN = Duration.ofSeconds(5);

  /** What must fit on the disk before a server that failed is started again. */
  private static final int PROBE_BYTES = 8 * 1024 * 1024;

  private final RaftStoreConfig config;
  private final IdentityFiles files;
  private final Supplier<Replica> replica;
  private final KnownEntries entries;
  private final Function<Replica.Feed, NodeEvents> events;
  private final StatusBoard board;
  private final Repair repair = new Repair();
  private final AtomicBoolean bootstrapping = new AtomicBoolean();
  private final AtomicBoolean noting = new AtomicBoolean();
  private final AtomicBoolean notingCommit = new AtomicBoolean();
  private final FirstSnapshot snapshot = new FirstSnapshot();
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicReference<Optional<String>> replacedBy =
      new AtomicReference<>(Optional.empty());
  private final AtomicBoolean silent = new AtomicBoolean();
  private volatile Identity identity;
  private volatile @Nullable RaftNode node;
  private volatile boolean closed;
  private @Nullable MemberCalls calls;
  private @Nullable TaskScheduler scheduler;
  private @Nullable MonotonicClock clock;
  private @Nullable Supplier<UUID> newGroup;

  NodeKeeper(
      RaftStoreConfig config,
      IdentityFiles files,
      Identity identity,
      Supplier<Replica> replica,
      StatusBoard board,
      KnownEntries entries,
      Function<Replica.Feed, NodeEvents> events) {
    this.config = config;
    this.files = files;
    this.identity = identity;
    this.replica = replica;
    this.board = board;
    this.entries = entries;
    this.events = events;
  }

  /** What founding and joining needs; before {@link #start}. */
  void bootstrapWith(
      MemberCalls over, TaskScheduler timer, MonotonicClock time, Supplier<UUID> random) {
    this.clock = time;
    this.calls = over;
    this.scheduler = timer;
    this.newGroup = random;
  }

  /**
   * Starts the server. Blocks while its log is read, and before while the others are asked whether
   * its store was replaced.
   */
  void start() throws IOException {
    if (identity.joined()) {
      recognized(task(false).askOthers());
    }
    launch(false);
    bootstrap(false);
  }

  /** Compares what is here with what the others heard this member say. */
  private void recognized(Map<String, GroupAnswer> answers) throws IOException {
    if (replacedBy.get().isPresent()) {
      throw new StoreRefusedException(standDown());
    }
    Standing heard =
        answers.values().stream()
            .map(answer -> new Standing(answer.getHeardTerm(), answer.getHeardIndex()))
            .reduce(Standing.NONE, Standing::max);
    Optional<Standing> own = files.standing(identity);
    if (own.isPresent() && !own.get().reaches(heard)) {
      throw new StoreRefusedException(
          ("raft.data_dir: %s ends with term %d and entry %d, but %s was heard by %s to have term %d"
                  + " and entry %d: it was put back to an earlier state. A voter that forgot its"
                  + " votes could lose acknowledged writes, so starting is refused. Empty it,"
                  + " delete %s, and run 'quorate member replace %s'.")
              .formatted(
                  config.dataDir(),
                  own.get().term(),
                  own.get().index(),
                  identity.peer(),
                  answers.keySet(),
                  heard.term(),
                  heard.index(),
                  config.identityCopy(),
                  config.name()));
    }
  }

  private void launch(boolean afterFailure) throws IOException {
    settle(afterFailure);
    boolean founder = identity.group().isEmpty() && config.bootstrapMember().equals(config.name());
    Replica.Feed feed = replica.get().attach();
    RaftNode built =
        RaftNode.build(config, files, identity, founder, feed, entries, events.apply(feed));
    // Known before it runs: it has things to tell from its first moment on.
    node = built;
    built.run();
  }

  private void settle(boolean afterFailure) throws IOException {
    LogFiles.refuseGap(files.logDir());
    try {
      LogFiles.settle(files.logDir(), afterFailure);
    } catch (IOException e) {
      throw StoreRefusedException.forNow(
          "raft.data_dir: the log in %s cannot be synced: %s. See to its disk, and that there is room"
              .formatted(files.logDir(), e.getMessage()),
          e);
    }
  }

  /** In a thread of its own; one that runs already goes on with the server that runs now. */
  private void bootstrap(boolean doubtful) {
    if (!bootstrapping.compareAndSet(false, true)) {
      return;
    }
    Bootstrap task = task(doubtful);
    Thread.ofVirtual()
        .name("quorate-bootstrap-" + config.name())
        .start(() -> {
          try {
            task.run();
          } finally {
            bootstrapping.set(false);
          }
        });
  }

  private Bootstrap task(boolean doubtful) {
    return new Bootstrap(
        config,
        Invariant.present(calls, "bootstrap before its means are given"),
        this,
        Invariant.present(newGroup, "bootstrap before its means are given"),
        doubtful);
  }

  /** The server that runs now, or the last one. */
  @Override
  public RaftNode node() {
    return Invariant.present(node, "the store is used before its server was started");
  }

  @Override
  public Identity identity() {
    return identity;
  }

  @Override
  public void identity(Identity changed) throws IOException {
    writing.lock();
    try {
      identity = files.update(changed);
    } finally {
      writing.unlock();
    }
  }

  /** The group, once this member's storage for it is complete. */
  Optional<UUID> group() {
    return identity.joined() ? identity.group() : Optional.empty();
  }

  /** The groups that were given up for this member's, as texts. */
  Set<String> replaced() {
    return identity.replaced().stream().map(UUID::toString).collect(Collectors.toSet());
  }

  /** The store of another member has replaced this one's: nothing may be served from here. */
  void replacedBy(String other) {
    if (replacedBy.compareAndSet(Optional.empty(), Optional.of(other)) && node != null) {
      failed(standDown(), new IOException("recovered on " + other));
    }
  }

  private String standDown() {
    return ("raft.data_dir: the store in %s was given up and replaced when its majority was lost, so"
            + " says %s. To join the new one, empty it and delete %s.")
        .formatted(config.dataDir(), replacedBy.get().orElse("nobody"), config.identityCopy());
  }

  @Override
  public void waiting(String forWhat) {
    if (silent.compareAndSet(false, true)) {
      LOG.info("Store: {}", forWhat);
      var _ = timer().schedule(SAY_AGAIN, () -> silent.set(false));
    }
    board.ails(forWhat);
  }

  @Override
  public void member() {
    board.well();
    RaftNode current = node();
    // What is being replaced is not to be told of as a failure of its successor.
    if (current.listensAsFollower() && !repair.underWay() && repair.begin()) {
      LOG.info("Store: starting the Raft server again, as a listener");
      Thread.ofPlatform().name("quorate-listen-" + config.name()).start(this::rebuild);
      return;
    }
    snapshot.take(current);
  }

  @Override
  public MonotonicClock clock() {
    return Invariant.present(clock, "the store has no clock yet");
  }

  @Override
  public boolean pause(Duration duration) {
    if (!closed && duration.isPositive()) {
      Semaphore over = new Semaphore(0);
      var _ = timer().schedule(duration, over::release);
      over.acquireUninterruptibly();
    }
    return !closed;
  }

  /** The server cannot go on: its log or its state is unusable. */
  void failed(String what, Throwable cause) {
    if (closed || !repair.begin()) {
      return;
    }
    if (bootstrapping.get()) {
      // Raft's server of a member that was removed ends again and again; what is said stands.
      LOG.debug("Store: {}; closing the Raft server", what, cause);
    } else {
      LOG.error("Store: {}; closing the Raft server", what, cause);
      board.ails("%s: %s".formatted(what, cause.getMessage()));
    }
    Thread.ofPlatform().name("quorate-rebuild-" + config.name()).start(this::rebuild);
  }

  /** Looks whether the server is still there; Ratis may close it without a word. */
  void check() {
    RaftNode current = node;
    if (current != null && !closed && !repair.underWay() && !current.alive()) {
      failed("the Raft server stopped by itself", new IOException("its log says why"));
    }
    if (current != null && identity.joined() && !identity.voter() && !repair.underWay()) {
      noteVote(current);
    }
    if (current != null && identity.joined() && current.running() && !repair.underWay()) {
      if (!bootstrapping.get()) {
        snapshot.take(current);
      }
      if (notingCommit.compareAndSet(false, true)) {
        Thread.ofVirtual()
            .name("quorate-commit-" + config.name())
            .start(() -> {
              current.noteCommit();
              notingCommit.set(false);
            });
      }
    }
  }

  /** A voter that was removed must not come back by itself, so that it was one is remembered. */
  private void noteVote(RaftNode current) {
    Voters voters = current.voters();
    boolean voter =
        current.running()
            && voters.outgoing().isEmpty()
            && voters.find(current.peer()).isPresent()
            && current.commitIndex() >= voters.index();
    if (voter && noting.compareAndSet(false, true)) {
      // Answers to callers must not wait for this disk.
      Thread.ofVirtual().name("quorate-note-" + config.name()).start(this::writeVote);
    }
  }

  private void writeVote() {
    writing.lock();
    try {
      identity = files.update(identity.asVoter());
    } catch (IOException e) {
      LOG.warn("{}: cannot note that this member is a voter: {}", config.name(), e.getMessage());
    } finally {
      writing.unlock();
      noting.set(false);
    }
  }

  /** Closes the server, which gives up leadership, and starts another when that is possible. */
  private void rebuild() {
    closeServer();
    while (pause(REBUILD)) {
      if (replacedBy.get().isPresent()) {
        board.ails(standDown());
        return;
      }
      if (startedAgain()) {
        LOG.info("Store: the Raft server runs again");
        if (!bootstrapping.get()) {
          board.well();
        }
        bootstrap(identity.joined());
        return;
      }
    }
  }

  /** Whether another server runs now, and has not failed since it was launched. */
  private boolean startedAgain() {
    try {
      probeDisk();
      reopen();
      repair.launching();
      launch(true);
      if (repair.end()) {
        return true;
      }
      board.ails("the Raft server was started again and failed at once: its log says why");
      closeServer();
    } catch (IOException | RuntimeException e) {
      board.ails("the Raft server was closed and cannot be started again: " + e.getMessage());
    }
    return false;
  }

  /** One that fails while it is closed is closed as far as can be; the next one tells if not. */
  private void closeServer() {
    try {
      node().close();
    } catch (RuntimeException e) {
      LOG.warn("Store: the Raft server did not close in good order: {}", e.getMessage());
    }
  }

  /** Two writers at once would leave copies that do not belong together. */
  private void reopen() throws IOException {
    writing.lock();
    try {
      identity = files.open(() -> identity.incarnation());
    } finally {
      writing.unlock();
    }
  }

  private void probeDisk() throws IOException {
    Path probe = config.dataDir().resolve("probe");
    try {
      DurableFiles.write(probe, new byte[PROBE_BYTES]);
    } finally {
      DurableFiles.delete(probe);
    }
  }

  private TaskScheduler timer() {
    return Invariant.present(scheduler, "the store has no timer yet");
  }

  /** Closes the server; blocks until it is closed. */
  @Override
  public void close() {
    closed = true;
    RaftNode current = node;
    if (current != null) {
      current.close();
    }
  }
}
