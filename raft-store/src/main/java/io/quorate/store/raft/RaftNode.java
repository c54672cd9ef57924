package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the Raft server, from its start until it is closed; it is not started again, another
 * one is. Never formats storage unless told to found or to join a group.
 */
final class RaftNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  private final Path logDir;
  private final Identity identity;
  private final RaftServer server;
  private final InFlight inFlight;
  private final Proposer proposer;
  private final GroupAdministration administration;
  private final CommitNotes notes;
  private final AtomicReference<RaftServer.@Nullable Division> division;
  private volatile @Nullable Known known;

  private RaftNode(
      Path logDir,
      Identity identity,
      RaftServer server,
      InFlight inFlight,
      KnownEntries entries,
      AtomicReference<RaftServer.@Nullable Division> division) {
    this.division = division;
    this.logDir = logDir;
    this.identity = identity;
    this.server = server;
    this.inFlight = inFlight;
    this.administration = new GroupAdministration(identity.name(), server, inFlight, division::get);
    this.notes = new CommitNotes(logDir);
    this.proposer =
        new Proposer(
            identity.name(), inFlight, this::submit, () -> entries.joinable(voters(), peer()));
  }

  /**
   * Builds a server on the storage of {@code identity}; {@link #run} starts it.
   *
   * @param founder whether it may be told to found a group
   * @param entries what the members know, which decides on what is written
   * @throws StoreRefusedException when port or storage cannot be used, with what to do about it
   */
  static RaftNode build(
      RaftStoreConfig config,
      IdentityFiles files,
      Identity identity,
      boolean founder,
      Replica.Feed replica,
      KnownEntries entries,
      NodeEvents events)
      throws IOException {
    RaftPort.probe(config.listen());
    checkGroups(files.logDir(), identity);
    keepProcess();
    InFlight inFlight = new InFlight();
    Parameters parameters = new Parameters();
    GrpcConfigKeys.Server.setServicesCustomizer(
        parameters, new RaftPort(identity.peer(), config.tls()));
    config
        .tls()
        .ifPresent(tls ->
            GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(tls.key(), tls.trust(), true)));
    AtomicReference<RaftServer.@Nullable Division> division = new AtomicReference<>();
    RaftServer server =
        RaftServer.newBuilder()
            .setServerId(RaftPeerId.valueOf(identity.peer()))
            .setStateMachineRegistry(
                group -> new RatisStateMachine(replica, inFlight, events, division))
            .setOption(StartupOption.RECOVER)
            .setProperties(RatisSettings.of(config, files, founder))
            .setParameters(parameters)
            .build();
    return new RaftNode(files.logDir(), identity, server, inFlight, entries, division);
  }

  /**
   * Keeps Ratis from ending the process, which it does when it cannot open its port, and at an
   * uncaught exception in whatever thread.
   */
  static void keepProcess() {
    ExitUtils.disableSystemExit();
    ExitUtils.setTerminateOnUncaughtException(false);
  }

  /**
   * Starts the server. Blocks while the log is read; events come before this returns.
   *
   * @throws StoreRefusedException when the log cannot be used, with what to do about it
   */
  void run() throws IOException {
    try {
      server.start();
    } catch (IOException | RuntimeException e) {
      close();
      throw unusable(logDir, e);
    }
    RaftServer.Division current = division.get();
    if (current != null) {
      notes.recall(current);
    }
  }

  /** Notes up to where the log is known to be committed. May block. */
  void noteCommit() {
    RaftServer.Division current = division.get();
    if (current != null) {
      try {
        notes.note(current);
      } catch (IOException e) {
        // Only what this member shows before it hears of a leader depends on it.
        LOG.debug("The commit note cannot be written: {}", e.getMessage());
      }
    }
  }

  private static StoreRefusedException unusable(Path logDir, Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreRefusedException refused) {
        return refused;
      }
    }
    String root = rootMessage(e);
    if (root.contains("No space left") || root.contains("quota exceeded")) {
      return StoreRefusedException.forNow(
          "raft.data_dir: the log in %s cannot be continued: %s. Make room on its disk."
              .formatted(logDir, root),
          e);
    }
    return new StoreRefusedException(
        ("raft.data_dir: the log in %s cannot be used: %s. It is damaged or of another version;"
                + " nothing was dropped from it. Restore it, or have the others remove this member"
                + " and let it join anew with an empty directory.")
            .formatted(logDir, root),
        e);
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  /** Ratis loads every group that it finds, and all would share one state. */
  private static void checkGroups(Path logDir, Identity identity) throws IOException {
    List<Path> found;
    try (Stream<Path> entries = Files.list(logDir)) {
      found = entries.filter(Files::isDirectory).toList();
    }
    String own = identity.group().map(UUID::toString).orElse("");
    for (Path group : found) {
      if (!String.valueOf(group.getFileName()).equals(own)) {
        throw new StoreRefusedException(
            "raft.data_dir: %s does not belong to this member's group (%s). Move it away."
                .formatted(group, own.isEmpty() ? "it has none yet" : own));
      }
    }
  }

  /** Founds the group, with this member as its only voter. Blocks until its storage is made. */
  void found(UUID group, RaftStoreConfig.Member self) throws IOException {
    addGroup(
        RaftGroup.valueOf(
            RaftGroupId.valueOf(group),
            RatisPeers.peer(
                new Voters.Peer(
                    identity.peer(), self.address().toString(), self.memberAddress().toString()))));
  }

  /** Waits for the entries of the group's leader. Blocks until its storage is made. */
  void join(UUID group) throws IOException {
    // Without peers it cannot elect itself.
    addGroup(RaftGroup.valueOf(RaftGroupId.valueOf(group)));
  }

  private void addGroup(RaftGroup group) throws IOException {
    RaftClientReply reply =
        server.groupManagement(
            GroupManagementRequest.newAdd(
                inFlight.client(), server.getId(), inFlight.nextCall(), group, true));
    if (!reply.isSuccess()) {
      throw new StoreRefusedException("the group's storage cannot be made: " + reply);
    }
  }

  String peer() {
    return identity.peer();
  }

  boolean hasGroup() {
    return division.get() != null;
  }

  /** Whether the server serves its group. */
  boolean running() {
    RaftServer.Division current = division.get();
    return current != null && current.getInfo().getLifeCycleState() == LifeCycle.State.RUNNING;
  }

  /** Whether the server still can come to serve: it was not closed, by us or by itself. */
  boolean alive() {
    RaftServer.Division current = division.get();
    return !server.getLifeCycleState().isClosingOrClosed()
        && (current == null || current.getInfo().isAlive());
  }

  /**
   * This voter's term; empty where it does not run. Never below a term in which it has voted: Raft
   * raises its term before it votes.
   */
  OptionalLong term() {
    RaftServer.Division current = division.get();
    return current != null && running()
        ? OptionalLong.of(current.getInfo().getCurrentTerm())
        : OptionalLong.empty();
  }

  /**
   * Whether the configuration makes this member a listener, but its server runs as a follower: with
   * Ratis 3.3.0 one that is added while it runs never becomes a listener. It serves no reads,
   * stands for election, and cannot vote once it is promoted, until it is started again.
   */
  boolean listensAsFollower() {
    RaftServer.Division current = division.get();
    return current != null
        && voters().listener(peer()).isPresent()
        && current.getInfo().getCurrentRole() != RaftPeerRole.LISTENER;
  }

  /** Raft id of the leader, as far as known. */
  Optional<String> leader() {
    RaftServer.Division current = division.get();
    return current == null || !running()
        ? Optional.empty()
        : Optional.ofNullable(current.getInfo().getLeaderId()).map(RaftPeerId::toString);
  }

  /** Index of the last entry that this member knows to be committed; only once it runs. */
  long commitIndex() {
    return log().getLastCommittedIndex();
  }

  /** Whether there is a snapshot; the log's own index tells only of one it was purged up to. */
  boolean hasSnapshot() {
    RaftServer.Division current = division.get();
    return current != null && current.getStateMachine().getLatestSnapshot() != null;
  }

  private RaftLog log() {
    return Invariant.present(division.get(), "there is no log without a group").getRaftLog();
  }

  /** The configuration in force here. */
  Voters voters() {
    RaftServer.Division current = division.get();
    if (current == null) {
      return Voters.NONE;
    }
    RaftConfiguration configuration = current.getRaftConf();
    Known latest = known;
    if (latest != null && isSame(latest.configuration(), configuration)) {
      return latest.voters();
    }
    Voters voters = RatisPeers.voters(configuration);
    known = new Known(configuration, voters);
    return voters;
  }

  /** A configuration of Ratis and what it says, so that it is read once. */
  private record Known(RaftConfiguration configuration, Voters voters) {}

  @SuppressWarnings("ReferenceEquality") // Another object, even if equal, is read anew.
  private static boolean isSame(RaftConfiguration a, RaftConfiguration b) {
    return a == b;
  }

  /** Proposes a command; never blocks. */
  CompletableFuture<Attempt<CommandResult>> propose(StoreCommand command, BootTime now) {
    return propose(command, CommandCodec.encode(command), now);
  }

  /**
   * Proposes a command; never blocks.
   *
   * @param entry {@code command} as the log holds it
   */
  CompletableFuture<Attempt<CommandResult>> propose(
      StoreCommand command, byte[] entry, BootTime now) {
    return proposer.propose(command, entry, now);
  }

  private void submit(ProposedEntry message, long call) {
    try {
      RaftServer.Division current = division.get();
      if (!(current instanceof RaftClientAsynchronousProtocol proposals)) {
        inFlight.remove(call);
        message.fail("this member does not belong to a group yet");
        return;
      }
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(inFlight.client())
              .setServerId(server.getId())
              .setGroupId(current.getMemberId().getGroupId())
              .setCallId(call)
              .setMessage(message)
              .setType(RaftClientRequest.writeRequestType())
              .build();
      var _ =
          proposals
              .submitClientRequestAsync(request)
              .whenComplete((reply, thrown) -> replied(message, call, reply, thrown));
    } catch (IOException | RuntimeException e) {
      replied(message, call, null, e);
    }
  }

  /** Success is told when the entry is applied, see {@link InFlight}; this is about failure. */
  private void replied(
      ProposedEntry message,
      long call,
      @Nullable RaftClientReply reply,
      @Nullable Throwable thrown) {
    Throwable failure = thrown != null ? thrown : reply == null ? null : reply.getException();
    if (failure == null) {
      return;
    }
    if (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof ResourceUnavailableException) {
      message.refuse(Proposer.overloaded(), "the log is overloaded");
    } else {
      message.fail(failure.getClass().getSimpleName());
    }
    inFlight.remove(call);
  }

  /** Ends commands that nothing was heard of for {@code limit}. */
  void expire(BootTime now, Duration limit) {
    proposer.expire(now, limit);
  }

  /** What changes the group itself. */
  GroupAdministration administration() {
    return administration;
  }

  /** Closes the server; blocks until what is committed is applied, which may take seconds. */
  @Override
  public void close() {
    proposer.close();
    try {
      server.close();
      noteCommit();
    } catch (IOException e) {
      throw new UncheckedIOException("the Raft server cannot be closed", e);
    } finally {
      proposer.drain("the store was closed");
    }
  }
}
