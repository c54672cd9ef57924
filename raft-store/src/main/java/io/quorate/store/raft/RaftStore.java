package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.ClientStore;
import io.quorate.store.KeysHash;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.Membership;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.StoreFacts;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.link.VoterLink;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.Lease;
import io.quorate.store.machine.Outcomes;
import io.quorate.store.machine.RequestId;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreState;
import io.quorate.store.machine.TxnCheck;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A member's copy of the replicated store. Takes every request; what needs the leader goes there by
 * itself. Threads: see {@link Store}.
 */
public final class RaftStore implements ClientStore, Membership {
  /** How long a table of the members waits for the leader's word that it is not old. */
  private static final Duration CONFIRMED_WITHIN = Duration.ofSeconds(1);

  private final RaftMember member;

  private RaftStore(RaftMember member) {
    this.member = member;
  }

  /**
   * Opens this member's store and returns as soon as its Raft server runs; founding or joining the
   * group goes on by itself. Blocks while the log is read. The caller serves {@link #endpoint()} to
   * the other members, before or at once after.
   *
   * @param link reaches the other members' endpoints
   * @throws StoreRefusedException when the store must not or cannot start; the message names the
   *     setting or the file, and says what to do
   * @throws IOException when the disk fails
   */
  public static RaftStore open(
      RaftStoreConfig config, VoterLink link, MonotonicClock clock, TaskScheduler scheduler)
      throws IOException {
    return new RaftStore(RaftMember.start(config, link, clock, scheduler));
  }

  /** Answers the other members' stores. */
  public VoterEndpoint endpoint() {
    return member.endpoint();
  }

  @Override
  public CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal) {
    Optional<StoreError> objection = TxnCheck.objection(txn, member.replica().state().limits());
    if (objection.isPresent()) {
      return CompletableFuture.completedStage(new Outcome.NotDone<>(objection.get()));
    }
    if (!TxnCheck.writes(txn)) {
      return command(
          Call.Command.repeatable(new StoreCommand.TxnCommand(txn, principal, Optional.empty())),
          Outcomes::txn);
    }
    return outcome(
        member
            .sessions()
            .numbered(id ->
                member
                    .router()
                    .route(
                        Call.Command.repeatable(
                            new StoreCommand.TxnCommand(txn, principal, Optional.of(id))))),
        Outcomes::txn);
  }

  @Override
  public CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode) {
    if (mode == ReadMode.SERIALIZABLE) {
      return CompletableFuture.completedStage(member.replica().state().range(query));
    }
    return member.handOver(member.reads().read(query), Function.identity());
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> grantLease(
      LeaseId id, Duration ttl, Principal principal) {
    long millis =
        ttl.compareTo(Duration.ofMillis(StoreLimits.MAX_TTL_MILLIS)) > 0
            ? Long.MAX_VALUE
            : ttl.toMillis();
    return command(
        Call.Command.refusedWhenDone(
            new StoreCommand.GrantLease(id, millis, principal), StoreError.Code.LEASE_EXISTS),
        Outcomes::granted);
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal) {
    return command(
        Call.Command.refusedWhenDone(
            new StoreCommand.RevokeLease(id, principal), StoreError.Code.LEASE_NOT_FOUND),
        Outcomes::ended);
  }

  @Override
  public CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal) {
    return renewal(new Call.KeepAlive(id, principal));
  }

  @Override
  public CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision) {
    return renewal(new Call.Hold(key, createRevision));
  }

  private CompletionStage<Renewal> renewal(Call<Renewal> call) {
    return member.handOver(
        member.router().route(call),
        attempt ->
            switch (attempt) {
              case Attempt.Served<Renewal>(Renewal renewal) -> renewal;
              case Attempt.Refused<Renewal>(StoreError error) ->
                  error.code() == StoreError.Code.PERMISSION_DENIED
                      ? new Renewal.Denied(error.message())
                      : new Renewal.Unavailable(error.message());
              case Attempt.NotNow<Renewal>(String reason) -> new Renewal.Unavailable(reason);
              case Attempt.Lost<Renewal>(String reason) -> new Renewal.Unavailable(reason);
            });
  }

  @Override
  public ClientWatch watch(WatchQuery query, WatchListener listener) {
    return member.watches().watch(query, listener);
  }

  @Override
  public CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix) {
    return command(
        Call.Command.repeatable(new StoreCommand.GuardPrefix(prefix)), Outcomes::guarded);
  }

  @Override
  public StoreFacts facts() {
    return member.replica().state().facts();
  }

  @Override
  public CompletionStage<Boolean> caughtUp(Revision revision) {
    if (member.replica().state().revision().compareTo(revision) >= 0) {
      return CompletableFuture.completedStage(true);
    }
    return member.handOver(
        member.soon().happens(then -> member.replica().whenRevision(revision, then)),
        Function.identity());
  }

  @Override
  public CompletionStage<Outcome<LeaseTime>> leaseTime(LeaseId id) {
    return outcome(
        member
            .router()
            .route(new Call.TimeLeft(id))
            .thenCompose(attempt ->
                attempt instanceof Attempt.Served<LeaseTime>(LeaseTime time)
                    ? member
                        .soon()
                        .happens(then -> member.replica().whenApplied(time.index(), then))
                        .thenApply(_ -> attempt)
                    : CompletableFuture.completedFuture(attempt)),
        Outcome.Done::new);
  }

  @Override
  public List<LeaseId> leases() {
    return member.replica().state().allLeases().stream().map(Lease::id).toList();
  }

  @Override
  public List<Bytes> leaseKeys(LeaseId id) {
    List<Bytes> keys = new ArrayList<>();
    member
        .replica()
        .state()
        .lease(id)
        .ifPresent(lease -> lease.keys().entries().forEach(entry -> keys.add(entry.key())));
    return keys;
  }

  @Override
  public Outcome<KeysHash> keysHash(Revision revision) {
    return member.replica().state().keysHash(revision);
  }

  @Override
  public KeysHash contentHash() {
    StoreState state = member.replica().state();
    return new KeysHash(
        state.contentHash(), state.revision(), state.revision(), state.compactRevision());
  }

  @Override
  public Optional<String> group() {
    return member.keeper().group().map(UUID::toString);
  }

  @Override
  public CompletionStage<Outcome<Revision>> compact(Revision revision) {
    return command(
        Call.Command.refusedWhenDone(new StoreCommand.Compact(revision), StoreError.Code.COMPACTED),
        Outcomes::compacted);
  }

  @Override
  public List<Member> members() {
    return member.members();
  }

  @Override
  public CompletionStage<Table> table() {
    return member
        .handOver(member.reads().caughtUp(CONFIRMED_WITHIN), Function.<Boolean>identity())
        .thenApply(confirmed -> new Table(members(), confirmed));
  }

  @Override
  public CompletionStage<Outcome<Progress>> change(Change change) {
    return outcome(
        member.router().route(new Call.MemberChange(change)), Outcome.Done<Progress>::new);
  }

  @Override
  public StoreStatus status() {
    return member.status();
  }

  /**
   * The local replica's content, to compare replicas with each other: equal wherever the same
   * entries were applied.
   *
   * @param index of the last entry applied
   * @param hash of the whole content at that index
   */
  public record Digest(long index, long hash) {}

  /** What the local replica holds now. Reads all of it. */
  public Digest digest() {
    StoreState state = member.replica().state();
    return new Digest(state.position().index(), state.contentHash());
  }

  @Override
  public void onStatusChange(Consumer<StoreStatus> listener) {
    member.onStatusChange(listener);
  }

  @Override
  public CompletionStage<Outcome<String>> transferLeadership(String target) {
    return outcome(
        member.router().route(new Call.Transfer(target, MemberCalls.transferLimit())),
        Outcome.Done::new);
  }

  /** Blocks until the Raft server is closed, which may take a few seconds. */
  @Override
  public void close() {
    member.close(true);
  }

  /** Closes without handing over leadership first, as a crash would. */
  void kill() {
    member.close(false);
  }

  /** Opens a session for requests that their sender numbers. */
  CompletionStage<Outcome<Long>> openSession() {
    return command(
        Call.Command.repeatable(new StoreCommand.OpenSession()),
        result ->
            result instanceof CommandResult.SessionOpened(long id)
                ? new Outcome.Done<>(id)
                : new Outcome.Unknown<>(result.toString()));
  }

  /** Runs a transaction under a number: however often that is sent, it takes effect once. */
  CompletionStage<Outcome<TxnResult>> numbered(Txn txn, RequestId id) {
    return command(
        Call.Command.repeatable(
            new StoreCommand.TxnCommand(txn, Principal.MEMBER, Optional.of(id))),
        Outcomes::txn);
  }

  private <T> CompletionStage<Outcome<T>> command(
      Call.Command call, Function<CommandResult, Outcome<T>> done) {
    return outcome(member.router().route(call), done);
  }

  private <A, T> CompletionStage<Outcome<T>> outcome(
      CompletableFuture<Attempt<A>> route, Function<A, Outcome<T>> done) {
    return member.handOver(
        route,
        attempt ->
            switch (attempt) {
              case Attempt.Served<A>(A value) -> done.apply(value);
              case Attempt.Refused<A>(StoreError error) -> new Outcome.NotDone<>(error);
              case Attempt.NotNow<A>(String reason) -> unavailable(reason);
              case Attempt.Lost<A>(String reason) -> new Outcome.Unknown<>(reason);
            });
  }

  private static <T> Outcome<T> unavailable(String reason) {
    return new Outcome.NotDone<>(new StoreError(StoreError.Code.UNAVAILABLE, reason));
  }
}
