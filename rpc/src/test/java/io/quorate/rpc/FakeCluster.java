package io.quorate.rpc;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Wish;
import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A cluster in the store of a {@link FakeAgent}: primary a, standby b attached to it. Wishes that
 * are not scheduled go through the states that the test says, as an engine would take them.
 */
public final class FakeCluster implements AutoCloseable {

  private final FakeAgent agent;
  private final ReentrantLock publishing = new ReentrantLock();
  private volatile NodeSnapshot base;
  private final ExecutorService engine = Executors.newSingleThreadExecutor();
  private final Store.Watch watch;
  private volatile List<UnaryOperator<Intent.Progress>> steps = List.of();

  /** Makes it; {@code base} is the member that answers. */
  public FakeCluster(FakeAgent agent, NodeSnapshot base) {
    this.agent = agent;
    this.base = base;
    agent.configure("{\"ttl\":3}");
    done(agent.store.grantLease(new LeaseId(1), Duration.ofHours(1), Principal.MEMBER));
    TxnResult led =
        done(
            agent.store.txn(
                Txn.of(Op.put(FakeAgent.KEYS.leader(), Bytes.utf8("a"), new LeaseId(1))),
                Principal.MEMBER));
    Epoch epoch = new Epoch(led.revision().value());
    put(Snapshots.member(Snapshots.A, 19_100, PatroniRole.PRIMARY), Optional.empty());
    put(
        Snapshots.member(Snapshots.B, 19_101, PatroniRole.REPLICA),
        Optional.of(
            new MemberInfo.Attachment(
                epoch, new EndOfWal(TimelineId.FIRST, Snapshots.primaryStatus().flush()))));
    watch =
        agent.store.watch(
            WatchQuery.prefix(FakeAgent.KEYS.prefix(), new Revision(led.revision().value() + 1)),
            new WatchListener() {
              @Override
              public void onEvents(Revision revision, List<WatchEvent> events) {
                engine.execute(FakeCluster.this::turn);
              }

              @Override
              public void onEnded(StoreError reason, Revision compactRevision) {
                // The store was closed.
              }
            });
    publish();
  }

  /** What becomes of each wish from now on. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public final void answer(UnaryOperator<Intent.Progress>... states) {
    steps = List.of(states);
  }

  /** Done, with this candidate. */
  public static UnaryOperator<Intent.Progress> handedTo(MemberName candidate) {
    return now ->
        new Intent.Progress(
            Intent.State.DONE,
            "done",
            now.epoch(),
            Optional.of(candidate),
            now.end(),
            now.mark(),
            Optional.empty());
  }

  /** This state, for this reason. */
  public static UnaryOperator<Intent.Progress> state(Intent.State state, String reason) {
    return now -> now.with(state, reason);
  }

  private static <T> T done(java.util.concurrent.CompletionStage<Outcome<T>> stage) {
    if (stage.toCompletableFuture().join() instanceof Outcome.Done<T>(T value)) {
      return value;
    }
    throw new AssertionError("the store did not do it");
  }

  private void put(MemberInfo m, Optional<MemberInfo.Attachment> attached) {
    MemberInfo member =
        new MemberInfo(
            m.name(),
            m.runId(),
            m.host(),
            m.port(),
            m.apiUrl(),
            m.grpcAddress(),
            m.state(),
            m.role(),
            m.version(),
            m.tags(),
            m.streaming(),
            m.timeline(),
            m.position(),
            m.receive(),
            m.replay(),
            Optional.of(new DataId("0000000000000001")),
            attached,
            m.problem(),
            m.pendingRestart(),
            m.copy(),
            m.replayHeld());
    var _ =
        done(
            agent.store.txn(
                new ClusterTransactions(FakeAgent.KEYS, m.name())
                    .member(member, Optional.empty(), new LeaseId(1)),
                Principal.MEMBER));
  }

  private Keyspace seen() {
    OpResult.Range range =
        done(agent.store.range(RangeQuery.prefix(FakeAgent.KEYS.prefix()), ReadMode.LINEARIZABLE));
    return Keyspace.of(FakeAgent.KEYS, range.revision(), range.keys());
  }

  /** What is wished for and not finished. */
  public List<Wish> wishes() {
    return seen().view().intents().values().stream()
        .filter(Intent::open)
        .map(Intent::wish)
        .toList();
  }

  /** One at a time: what was seen earlier is not to be published later. */
  private void publish() {
    publishing.lock();
    try {
      agent.publish(Snapshots.withView(base, seen().view()));
    } finally {
      publishing.unlock();
    }
  }

  private void turn() {
    publish();
    for (Intent intent : seen().view().intents().values()) {
      boolean fresh =
          intent.progress().state() == Intent.State.PENDING
              && intent.wish().scheduledAt().isEmpty();
      if (fresh) {
        steps.forEach(step -> advance(intent.wish().slot(), step));
      }
    }
  }

  /** Nobody holds the lease any more. */
  public void losePrimary() {
    var _ = done(agent.store.txn(Txn.of(Op.delete(FakeAgent.KEYS.leader())), Principal.MEMBER));
    publish();
  }

  /** Another member answers from now on. */
  public void as(NodeSnapshot member) {
    base = member;
    publish();
  }

  /** Takes the wish in {@code slot} a step on. */
  public void advance(String slot, UnaryOperator<Intent.Progress> step) {
    Intent at = Invariant.present(seen().view().intents().get(slot), "no wish in %s", slot);
    var _ =
        done(
            agent.store.txn(
                new IntentTransactions(FakeAgent.KEYS).advance(at.with(step.apply(at.progress()))),
                Principal.MEMBER));
    publish();
  }

  @Override
  public void close() {
    // To its end: nothing is published after this but by the test.
    watch.close();
    engine.close();
  }
}
