package io.quorate.store.raft;

import io.quorate.store.codec.CodecException;
import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.Position;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreState;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * The store's state machine as Ratis drives it. One thread of Ratis applies; the notifications come
 * on others, some of them under the server's lock, so they only note and hand on.
 *
 * <p>A command that cannot be done is a result. What does throw here stops this replica, and is
 * meant to: an entry that it cannot read, or a state that is broken. To go on would make it differ
 * from the others.
 */
final class RatisStateMachine extends BaseStateMachine {
  private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
  private final SnapshotFiles snapshots = new SnapshotFiles(storage);
  private final Replica.Feed replica;
  private final InFlight inFlight;
  private final NodeEvents events;
  private final AtomicReference<RaftServer.@Nullable Division> division;
  private volatile boolean initialized;
  private volatile boolean snapshotKnown;
  private long configurationTerm;

  /**
   * @param division where the node finds its part of the server, from before the first event on
   */
  RatisStateMachine(
      Replica.Feed replica,
      InFlight inFlight,
      NodeEvents events,
      AtomicReference<RaftServer.@Nullable Division> division) {
    this.division = division;
    this.replica = replica;
    this.inFlight = inFlight;
    this.events = events;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
      throws IOException {
    // Without its life cycle running, the first snapshot that is sent here could not be installed.
    getLifeCycle()
        .startAndTransition(
            () -> {
              super.initialize(server, groupId, raftStorage);
              storage.init(raftStorage);
              load();
              division.set(server.getDivision(groupId));
            },
            IOException.class);
    initialized = true;
  }

  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  /** A snapshot of the leader's was put in place. */
  @Override
  public void reinitialize() throws IOException {
    try {
      load();
    } catch (IOException | RuntimeException e) {
      events.failed("the snapshot that the leader sent cannot be used", e);
      throw e;
    }
    getLifeCycle().transition(LifeCycle.State.STARTING);
    getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  private void load() throws IOException {
    Optional<StoreState> found = snapshots.latest();
    snapshotKnown = found.isPresent();
    StoreState state = replica.restore(found);
    Position position = state.position();
    if (found.isPresent()) {
      setLastAppliedTermIndex(TermIndex.valueOf(position.term(), RaftIndex.of(position)));
    }
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return storage;
  }

  /**
   * Asked before each entry that is sent to a follower. While there is no snapshot, Ratis' storage
   * would list its directory each time.
   */
  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    return snapshotKnown ? super.getLatestSnapshot() : null;
  }

  /** Called in log order, right before an entry of ours enters the log. */
  @Override
  public TransactionContext preAppendTransaction(TransactionContext context)
      throws StateMachineException {
    if (context.getClientRequest() != null
        && context.getClientRequest().getMessage() instanceof ProposedEntry entry
        && !entry.claimForLog()) {
      throw new StateMachineException("it was given up before it came to the log", false);
    }
    return context;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext context) {
    LogEntryProto entry = context.getLogEntry();
    try {
      StateMachineLogEntryProto body = entry.getStateMachineLogEntry();
      @Nullable ProposedEntry own = inFlight.take(body.getClientId(), body.getCallId());
      List<StoreCommand> commands = own == null ? decode(body) : own.commands();
      List<Applied> applied = replica.apply(commands, entry.getTerm(), entry.getIndex());
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      replica.applied(
          entry.getIndex(), applied.stream().anyMatch(each -> !each.events().isEmpty()));
      if (own != null) {
        own.served(applied.stream().map(Applied::result).toList());
      }
      return CompletableFuture.completedFuture(Message.EMPTY);
    } catch (CodecException e) {
      events.failed("entry " + entry.getIndex() + " of the log cannot be applied", e);
      throw new IllegalStateException(e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      events.failed("applying entry " + entry.getIndex() + " of the log failed", e);
      throw e;
    }
  }

  private static List<StoreCommand> decode(StateMachineLogEntryProto body) throws CodecException {
    return CommandCodec.split(body.getLogData().toByteArray());
  }

  /** An entry of Ratis' own was applied: a configuration, or its note of the commit index. */
  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    try {
      replica.skip(term, index);
      updateLastAppliedTermIndex(term, index);
      replica.applied(index, false);
    } catch (RuntimeException | Error e) {
      events.failed("entry " + index + " of the log cannot be noted", e);
      throw e;
    }
  }

  /** Blocks apply: what is written is a value, but Ratis wants the index at once. */
  @Override
  public long takeSnapshot() throws IOException {
    StoreState state = replica.state();
    if (state.position().equals(Position.START)) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    try {
      snapshots.write(state);
      snapshotKnown = true;
    } catch (RuntimeException e) {
      throw new IOException("the snapshot cannot be written", e);
    }
    return RaftIndex.of(state.position());
  }

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    configurationTerm = term;
    events.configurationChanged();
  }

  /** The first entry of this leader's term, a configuration, is applied: now it may serve. */
  @Override
  public void notifyLeaderReady() {
    events.ready(configurationTerm);
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    events.notLeader();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    if (initialized) {
      events.leaderChanged();
    }
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
    events.failed("the log cannot be written", cause);
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean wholeServer) {
    events.stopped();
  }
}
