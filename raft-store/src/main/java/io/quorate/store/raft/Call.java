package io.quorate.store.raft;

import com.google.protobuf.ByteString;
import io.quorate.proto.store.v1.VoterMessages.ForwardResult;
import io.quorate.proto.store.v1.VoterMessages.Forwarded;
import io.quorate.proto.store.v1.VoterMessages.ReadIndex;
import io.quorate.proto.store.v1.VoterMessages.RenewHold;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.Membership;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.codec.CodecException;
import io.quorate.store.codec.CommandCodec;
import io.quorate.store.codec.FromProto;
import io.quorate.store.codec.ToProto;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A request that the leader serves, wherever it is made.
 *
 * @param <T> its answer
 */
sealed interface Call<T> {

  /** Makes it at this member. */
  CompletableFuture<Attempt<T>> here(LeaderService service);

  /** Makes it elsewhere. */
  Forwarded message();

  /** What elsewhere was answered. */
  Attempt<T> answer(ForwardResult result);

  /** Which of the queues to the leader it stands in. */
  Lane lane();

  /** Whether it may be made again when it is not known what became of it. */
  boolean repeatable();

  /**
   * Whether {@code answer} tells what the request did, given that an earlier attempt was lost: the
   * refusal of a repeat may be due to the success of the original.
   */
  default boolean settles(T answer) {
    return true;
  }

  /** Queues to the leader: a slow disk holds up what needs the log, and nothing else. */
  enum Lane {
    LOG,
    CONFIRMATION,
    ADMINISTRATION
  }

  /**
   * A command for the log.
   *
   * @param repeatable as there
   * @param ambiguous answers to a repeat that do not tell what the original did
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and never changed.
  record Command(
      StoreCommand command, byte[] entry, boolean repeatable, Predicate<CommandResult> ambiguous)
      implements Call<CommandResult> {

    /** A command that has the same effect, and answer, however often it is made. */
    static Command repeatable(StoreCommand command) {
      return new Command(command, CommandCodec.encode(command), true, _ -> false);
    }

    /** A command a repeat of which {@code refusal} may refuse because it was done. */
    static Command refusedWhenDone(StoreCommand command, StoreError.Code refusal) {
      return new Command(
          command,
          CommandCodec.encode(command),
          true,
          result ->
              result instanceof CommandResult.Refused(StoreError error) && error.code() == refusal);
    }

    @Override
    public CompletableFuture<Attempt<CommandResult>> here(LeaderService service) {
      return service.propose(command, entry);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setCommand(ByteString.copyFrom(entry)).build();
    }

    @Override
    public Attempt<CommandResult> answer(ForwardResult result) {
      if (!result.hasResult()) {
        return failure(result);
      }
      try {
        return new Attempt.Served<>(CommandCodec.decodeResult(result.getResult().toByteArray()));
      } catch (CodecException e) {
        return new Attempt.Lost<>(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public Lane lane() {
      return Lane.LOG;
    }

    @Override
    public boolean settles(CommandResult answer) {
      return !ambiguous.test(answer);
    }
  }

  /** Extends a lease. */
  record KeepAlive(LeaseId id, Principal principal) implements Call<Renewal> {
    @Override
    public CompletableFuture<Attempt<Renewal>> here(LeaderService service) {
      return service.keepAlive(id, principal);
    }

    @Override
    public Forwarded message() {
      return switch (principal) {
        case MEMBER -> Forwarded.newBuilder().setKeepAlive(id.value()).build();
        case CLIENT -> Forwarded.newBuilder().setClientKeepAlive(id.value()).build();
      };
    }

    @Override
    public Attempt<Renewal> answer(ForwardResult result) {
      return renewal(result);
    }

    @Override
    public Lane lane() {
      return Lane.CONFIRMATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** Extends the lease under a key. */
  record Hold(Bytes key, Revision createRevision) implements Call<Renewal> {
    @Override
    public CompletableFuture<Attempt<Renewal>> here(LeaderService service) {
      return service.renewHold(key, createRevision);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder()
          .setRenewHold(
              RenewHold.newBuilder()
                  .setKey(ToProto.bytes(key))
                  .setCreateRevision(createRevision.value()))
          .build();
    }

    @Override
    public Attempt<Renewal> answer(ForwardResult result) {
      return renewal(result);
    }

    @Override
    public Lane lane() {
      return Lane.CONFIRMATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** How far a replica must have applied the log to answer a read that begins now. */
  record Read() implements Call<Long> {
    @Override
    public CompletableFuture<Attempt<Long>> here(LeaderService service) {
      return service.readIndex();
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setReadIndex(ReadIndex.getDefaultInstance()).build();
    }

    @Override
    public Attempt<Long> answer(ForwardResult result) {
      return result.hasReadIndex() ? new Attempt.Served<>(result.getReadIndex()) : failure(result);
    }

    @Override
    public Lane lane() {
      return Lane.CONFIRMATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** A whole read, for a member whose own copy is too far behind to answer it. */
  record Query(RangeQuery query) implements Call<Outcome<OpResult.Range>> {
    @Override
    public CompletableFuture<Attempt<Outcome<OpResult.Range>>> here(LeaderService service) {
      return service.range(query);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setRange(ToProto.query(query)).build();
    }

    @Override
    public Attempt<Outcome<OpResult.Range>> answer(ForwardResult result) {
      if (!result.hasRange()) {
        return failure(result);
      }
      try {
        return new Attempt.Served<>(FromProto.answer(result.getRange()));
      } catch (CodecException e) {
        return new Attempt.Lost<>(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public Lane lane() {
      return Lane.CONFIRMATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** How much time a lease has left; the leader alone knows. */
  record TimeLeft(LeaseId id) implements Call<LeaseTime> {
    @Override
    public CompletableFuture<Attempt<LeaseTime>> here(LeaderService service) {
      return service.timeLeft(id);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setLeaseTime(id.value()).build();
    }

    @Override
    public Attempt<LeaseTime> answer(ForwardResult result) {
      if (!result.hasLeaseTime()) {
        return failure(result);
      }
      var time = result.getLeaseTime();
      return new Attempt.Served<>(
          new LeaseTime(
              Duration.ofMillis(time.getGrantedMillis()),
              Duration.ofMillis(time.getRemainingMillis()),
              time.getIndex()));
    }

    @Override
    public Lane lane() {
      return Lane.CONFIRMATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** Moves leadership. */
  record Transfer(String target, Duration timeout) implements Call<String> {
    @Override
    public CompletableFuture<Attempt<String>> here(LeaderService service) {
      return service.transfer(target, timeout);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setTransfer(target).build();
    }

    @Override
    public Attempt<String> answer(ForwardResult result) {
      return result.hasTransferred()
          ? new Attempt.Served<>(result.getTransferred())
          : failure(result);
    }

    @Override
    public Lane lane() {
      return Lane.ADMINISTRATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  /** Changes the voters, or asks how far that has come. */
  record MemberChange(Membership.Change change) implements Call<Membership.Progress> {
    @Override
    public CompletableFuture<Attempt<Membership.Progress>> here(LeaderService service) {
      return service.change(change);
    }

    @Override
    public Forwarded message() {
      return Forwarded.newBuilder().setMemberChange(MemberMessages.of(change)).build();
    }

    @Override
    public Attempt<Membership.Progress> answer(ForwardResult result) {
      return result.hasMemberChange()
          ? new Attempt.Served<>(MemberMessages.progress(result.getMemberChange()))
          : failure(result);
    }

    @Override
    public Lane lane() {
      return Lane.ADMINISTRATION;
    }

    @Override
    public boolean repeatable() {
      return true;
    }
  }

  private static Attempt<Renewal> renewal(ForwardResult result) {
    return switch (result.getKindCase()) {
      case RENEWED_MILLIS ->
          new Attempt.Served<>(new Renewal.Renewed(Duration.ofMillis(result.getRenewedMillis())));
      case GONE -> new Attempt.Served<>(new Renewal.Gone(result.getGone()));
      case UNAVAILABLE -> new Attempt.Served<>(new Renewal.Unavailable(result.getUnavailable()));
      case RESULT,
          REFUSED,
          NOT_LEADER,
          UNKNOWN,
          READ_INDEX,
          TRANSFERRED,
          RANGE,
          LEASE_TIME,
          MEMBER_CHANGE,
          KIND_NOT_SET ->
          failure(result);
    };
  }

  private static <T> Attempt<T> failure(ForwardResult result) {
    return switch (result.getKindCase()) {
      case NOT_LEADER -> new Attempt.NotNow<>(result.getNotLeader());
      case UNKNOWN -> new Attempt.Lost<>(result.getUnknown());
      case REFUSED -> {
        try {
          yield new Attempt.Refused<>(FromProto.error(result.getRefused()));
        } catch (CodecException e) {
          yield new Attempt.Lost<>(String.valueOf(e.getMessage()));
        }
      }
      case RESULT,
          RENEWED_MILLIS,
          GONE,
          UNAVAILABLE,
          READ_INDEX,
          TRANSFERRED,
          RANGE,
          LEASE_TIME,
          MEMBER_CHANGE,
          KIND_NOT_SET ->
          new Attempt.Lost<>("the leader's answer is of another kind: " + result.getKindCase());
    };
  }
}
