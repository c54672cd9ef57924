package io.quorate.store.raft;

import com.google.protobuf.ByteString;
import io.quorate.proto.store.v1.StoreLog;
import io.quorate.proto.store.v1.VoterMessages;
import io.quorate.proto.store.v1.VoterMessages.ForwardAnswer;
import io.quorate.proto.store.v1.VoterMessages.ForwardRequest;
import io.quorate.proto.store.v1.VoterMessages.ForwardResult;
import io.quorate.proto.store.v1.VoterMessages.Forwarded;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.codec.CodecException;
import io.quorate.store.codec.CommandCodec;
import io.quorate.store.codec.FromProto;
import io.quorate.store.codec.ToProto;
import io.quorate.store.machine.StoreCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Serves, as leader, what other members forward. */
final class ForwardServer {
  private final LeaderService service;
  private final Duration transferLimit;

  ForwardServer(LeaderService service, Duration transferLimit) {
    this.service = service;
    this.transferLimit = transferLimit;
  }

  /** Answers when all items are answered. */
  CompletableFuture<ForwardAnswer> serve(ForwardRequest request) {
    List<CompletableFuture<ForwardResult>> results = new ArrayList<>(request.getItemsCount());
    for (Forwarded item : request.getItemsList()) {
      results.add(serve(item));
    }
    return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
        .thenApply(_ -> {
          ForwardAnswer.Builder answer = ForwardAnswer.newBuilder();
          results.forEach(result -> answer.addResults(result.join()));
          return answer.build();
        });
  }

  private CompletableFuture<ForwardResult> serve(Forwarded item) {
    return switch (item.getKindCase()) {
      case COMMAND -> command(item.getCommand());
      case KEEP_ALIVE ->
          service
              .keepAlive(new LeaseId(item.getKeepAlive()), Principal.MEMBER)
              .thenApply(attempt -> result(attempt, ForwardServer::renewal));
      case CLIENT_KEEP_ALIVE ->
          service
              .keepAlive(new LeaseId(item.getClientKeepAlive()), Principal.CLIENT)
              .thenApply(attempt -> result(attempt, ForwardServer::renewal));
      case LEASE_TIME ->
          service
              .timeLeft(new LeaseId(item.getLeaseTime()))
              .thenApply(attempt -> result(attempt, ForwardServer::leaseTime));
      case RENEW_HOLD ->
          service
              .renewHold(
                  FromProto.bytes(item.getRenewHold().getKey()),
                  new Revision(Math.max(0, item.getRenewHold().getCreateRevision())))
              .thenApply(attempt -> result(attempt, ForwardServer::renewal));
      case READ_INDEX ->
          service
              .readIndex()
              .thenApply(attempt ->
                  result(attempt, index -> ForwardResult.newBuilder().setReadIndex(index)));
      case TRANSFER ->
          service
              .transfer(item.getTransfer(), transferLimit)
              .thenApply(attempt ->
                  result(attempt, name -> ForwardResult.newBuilder().setTransferred(name)));
      case RANGE -> range(item.getRange());
      case MEMBER_CHANGE ->
          MemberMessages.change(item.getMemberChange())
              .map(change ->
                  service
                      .change(change)
                      .thenApply(attempt ->
                          result(
                              attempt,
                              progress ->
                                  ForwardResult.newBuilder()
                                      .setMemberChange(MemberMessages.of(progress)))))
              .orElseGet(() -> refused("the leader does not know this change: upgrade it"));
      case KIND_NOT_SET -> refused("the leader does not know this kind of request: upgrade it");
    };
  }

  private CompletableFuture<ForwardResult> range(StoreLog.RangeQuery message) {
    RangeQuery query;
    try {
      query = FromProto.query(message);
    } catch (CodecException e) {
      return refused("the leader cannot read the query: " + e.getMessage());
    }
    return service
        .range(query)
        .thenApply(attempt ->
            result(attempt, answer -> ForwardResult.newBuilder().setRange(ToProto.answer(answer))));
  }

  private CompletableFuture<ForwardResult> command(ByteString bytes) {
    byte[] entry = bytes.toByteArray();
    StoreCommand command;
    try {
      command = CommandCodec.decode(entry);
    } catch (CodecException e) {
      return refused("the leader cannot read the request: " + e.getMessage());
    }
    return service
        .propose(command, entry)
        .thenApply(attempt ->
            result(
                attempt,
                result ->
                    ForwardResult.newBuilder()
                        .setResult(ByteString.copyFrom(CommandCodec.encode(result)))));
  }

  private static ForwardResult.Builder renewal(Renewal renewal) {
    ForwardResult.Builder result = ForwardResult.newBuilder();
    return switch (renewal) {
      case Renewal.Renewed(Duration ttl) -> result.setRenewedMillis(ttl.toMillis());
      case Renewal.Gone(String reason) -> result.setGone(reason);
      case Renewal.Denied(String reason) ->
          result.setRefused(
              ToProto.error(new StoreError(StoreError.Code.PERMISSION_DENIED, reason)));
      case Renewal.Unavailable(String reason) -> result.setUnavailable(reason);
    };
  }

  private static ForwardResult.Builder leaseTime(LeaseTime time) {
    return ForwardResult.newBuilder()
        .setLeaseTime(
            VoterMessages.LeaseTime.newBuilder()
                .setGrantedMillis(time.granted().toMillis())
                .setRemainingMillis(time.remaining().toMillis())
                .setIndex(time.index()));
  }

  private static <T> ForwardResult result(
      Attempt<T> attempt, Function<T, ForwardResult.Builder> served) {
    return switch (attempt) {
      case Attempt.Served<T>(T value) -> served.apply(value).build();
      case Attempt.Refused<T>(StoreError error) ->
          ForwardResult.newBuilder().setRefused(ToProto.error(error)).build();
      case Attempt.NotNow<T>(String reason) ->
          ForwardResult.newBuilder().setNotLeader(reason).build();
      case Attempt.Lost<T>(String reason) -> ForwardResult.newBuilder().setUnknown(reason).build();
    };
  }

  private static CompletableFuture<ForwardResult> refused(String message) {
    return CompletableFuture.completedFuture(
        ForwardResult.newBuilder()
            .setRefused(ToProto.error(new StoreError(StoreError.Code.INVALID_ARGUMENT, message)))
            .build());
  }
}
