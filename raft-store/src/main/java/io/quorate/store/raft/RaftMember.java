package io.quorate.store.raft;

import io.quorate.store.Membership;
import io.quorate.store.StoreStatus;
import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.link.VoterLink;
import io.quorate.store.machine.StoreMachine;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Puts the parts of a member's store together, and runs them. */
final class RaftMember {
  /** Whoever has not answered for so long is shown as unreachable. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** How long a leader that closes waits for another voter to take over. */
  private static final Duration HAND_OVER = Duration.ofMillis(1_500);

  private final ExecutorService callbacks;
  private final ExecutorService deliveries = Executors.newVirtualThreadPerTaskExecutor();
  private final StatusBoard board = new StatusBoard(this::status);
  private final Replica replica;
  private final WatchHub watches;
  private final LeaderDesk desk;
  private final TermConfirmation confirmation;
  private final LeadershipTransfer transfer;
  private final Router router;
  private final SessionKeeper sessions;
  private final LinearizableReads reads;
  private final Soon soon;
  private final VoterService voterService;
  private final NodeKeeper keeper;
  private final Ticker ticker;

  private RaftMember(
      RaftStoreConfig config,
      IdentityFiles files,
      Identity identity,
      VoterLink link,
      MonotonicClock clock,
      TaskScheduler scheduler) {
    this.callbacks =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("quorate-store-" + config.name()).factory(),
            // Once it is shut down: whoever waits for an answer still gets it.
            (task, _) -> task.run());
    StoreMachine machine = new StoreMachine();
    this.watches = new WatchHub(config.name(), machine::state, deliveries);
    KnownEntries entries = new KnownEntries();
    this.keeper =
        new NodeKeeper(config, files, identity, this::replica, board, entries, this::events);
    MemberCalls calls = new MemberCalls(link, config, keeper::group, keeper::replacedBy);
    this.confirmation =
        new TermConfirmation(
            calls, keeper::node, this::voterAnswered, entries, clock, config.timing().confirm());
    this.desk =
        new LeaderDesk(
            machine,
            clock,
            AuthorityTimings.DEFAULT,
            config.timing().confirm(),
            () -> keeper.node().voters(),
            confirmation,
            callbacks);
    this.replica = new Replica(machine, desk, entries, watches::changed);
    JoinDesk joins =
        new JoinDesk(
            config,
            keeper::node,
            desk::leading,
            id -> confirmation.heardWithin(id, SILENCE),
            confirmation::answers,
            confirmation::present,
            confirmation::standing,
            clock,
            scheduler);
    this.transfer = new LeadershipTransfer(keeper::node, confirmation);
    this.soon = new Soon(scheduler);
    LeaderService service =
        new LeaderService(desk, replica, keeper::node, clock, joins, transfer, soon);
    this.router =
        new Router(
            service,
            calls,
            config.timing(),
            clock,
            scheduler,
            callbacks,
            new LeaderSeeker(config, calls, keeper::node, clock));
    this.sessions = new SessionKeeper(router);
    this.reads = new LinearizableReads(router::route, replica, scheduler);
    this.voterService =
        new VoterService(
            config,
            keeper,
            joins,
            new ForwardServer(service, MemberCalls.transferLimit()),
            confirmation::standing);
    this.ticker =
        new Ticker(
            scheduler,
            clock,
            desk,
            keeper::node,
            config.timing().request(),
            () -> callbacks.execute(this::pulse));
    keeper.bootstrapWith(calls, scheduler, clock, RaftMember::randomGroup);
  }

  static RaftMember start(
      RaftStoreConfig config, VoterLink link, MonotonicClock clock, TaskScheduler scheduler)
      throws IOException {
    IdentityFiles files = new IdentityFiles(config);
    Identity identity = files.open(RaftMember::randomIncarnation);
    RaftMember member = new RaftMember(config, files, identity, link, clock, scheduler);
    try {
      member.watches.start();
      member.keeper.start();
      member.ticker.start();
      return member;
    } catch (IOException | RuntimeException e) {
      member.close(false);
      throw e;
    }
  }

  private static String randomIncarnation() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static UUID randomGroup() {
    return UUID.randomUUID();
  }

  VoterEndpoint endpoint() {
    return voterService;
  }

  NodeKeeper keeper() {
    return keeper;
  }

  Soon soon() {
    return soon;
  }

  Replica replica() {
    return replica;
  }

  Router router() {
    return router;
  }

  LinearizableReads reads() {
    return reads;
  }

  SessionKeeper sessions() {
    return sessions;
  }

  WatchHub watches() {
    return watches;
  }

  void onStatusChange(Consumer<StoreStatus> listener) {
    board.add(listener);
  }

  /** Completes {@code future} on the thread for callers. */
  <T> void complete(CompletableFuture<T> future, T value) {
    callbacks.execute(() -> future.complete(value));
  }

  /** What {@code future} gives, on the thread for callers. */
  <A, T> CompletableFuture<T> handOver(CompletableFuture<A> future, Function<A, T> map) {
    CompletableFuture<T> mapped = new CompletableFuture<>();
    var _ = future.thenAccept(value -> complete(mapped, map.apply(value)));
    return mapped;
  }

  StoreStatus status() {
    RaftNode node = keeper.node();
    Voters voters = node.voters();
    return new StoreStatus(
        node.leader().map(Identity::nameOf),
        desk.leading(),
        node.term().orElse(0),
        node.running() ? node.commitIndex() : 0,
        replica.appliedIndex(),
        replica.state().revision(),
        voters.all().stream().map(voter -> voter(voter, node)).toList(),
        board.problem());
  }

  List<Membership.Member> members() {
    RaftNode node = keeper.node();
    Optional<String> leader = node.leader();
    Voters voters = node.voters();
    return voters.members().stream()
        .map(voter ->
            new Membership.Member(
                voter.name(),
                voter.id(),
                voter.raftAddress(),
                voter.memberAddress(),
                leader.filter(voter.id()::equals).isPresent(),
                voter(voter, node).reachable(),
                voters.listener(voter.id()).isPresent()))
        .toList();
  }

  private StoreStatus.Voter voter(Voters.Peer voter, RaftNode node) {
    boolean reachable =
        voter.id().equals(node.peer()) || confirmation.heardWithin(voter.id(), SILENCE);
    return new StoreStatus.Voter(voter.name(), voter.raftAddress(), reachable);
  }

  private void voterAnswered(long round, String voter, long term) {
    desk.voterAnswered(round, voter, term);
  }

  private void pulse() {
    keeper.check();
    confirmation.pulse();
    board.refresh();
  }

  private NodeEvents events(Replica.Feed feed) {
    return new MemberEvents(feed);
  }

  /** Nothing here runs on Raft's threads but what is quick and takes no lock of Raft's. */
  private final class MemberEvents implements NodeEvents {
    private final Replica.Feed feed;

    MemberEvents(Replica.Feed feed) {
      this.feed = feed;
    }

    @Override
    public void leaderChanged() {
      callbacks.execute(() -> {
        router.leaderChanged();
        sessions.prepare();
        board.refresh();
      });
    }

    @Override
    public void ready(long term) {
      if (feed.current()) {
        desk.ready(term);
        ticker.leading();
        leaderChanged();
      }
    }

    @Override
    public void notLeader() {
      if (feed.current()) {
        desk.lost();
        callbacks.execute(board::refresh);
      }
    }

    @Override
    public void configurationChanged() {
      callbacks.execute(() -> {
        // A vote is noted at once: its member may be removed again before the next look.
        keeper.check();
        board.refresh();
      });
    }

    @Override
    public void failed(String what, Throwable cause) {
      if (feed.current()) {
        desk.lost();
        keeper.failed(what, cause);
        callbacks.execute(board::refresh);
      }
    }

    @Override
    public void stopped() {
      if (feed.current()) {
        desk.lost();
        callbacks.execute(keeper::check);
      }
    }
  }

  /**
   * Ends everything, in the reverse order of dependence.
   *
   * @param handOver whether a leader lets another one take over first, which spares the store an
   *     election
   */
  void close(boolean handOver) {
    ticker.close();
    if (handOver && desk.leading()) {
      transfer.away(HAND_OVER);
    }
    router.close();
    keeper.close();
    watches.close();
    List.of(callbacks, deliveries).forEach(ExecutorService::shutdown);
  }
}
