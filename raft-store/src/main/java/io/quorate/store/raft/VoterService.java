package io.quorate.store.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.proto.store.v1.VoterMessages.TermAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Answers what other members' stores ask. */
final class VoterService implements VoterEndpoint {
  private final RaftStoreConfig config;
  private final Supplier<RaftNode> node;
  private final Supplier<Optional<UUID>> group;
  private final JoinDesk joins;
  private final ForwardServer forwards;

  /**
   * @param group the group that this member belongs to, once its storage is complete
   */
  VoterService(
      RaftStoreConfig config,
      Supplier<RaftNode> node,
      Supplier<Optional<UUID>> group,
      JoinDesk joins,
      ForwardServer forwards) {
    this.config = config;
    this.node = node;
    this.group = group;
    this.joins = joins;
    this.forwards = forwards;
  }

  @Override
  public CompletionStage<Bytes> answer(Bytes request) {
    VoterRequest message;
    try {
      message = VoterRequest.parseFrom(request.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      return CompletableFuture.failedFuture(e);
    }
    return answer(message).thenApply(answer -> Bytes.of(answer.toByteArray()));
  }

  private CompletableFuture<VoterAnswer> answer(VoterRequest request) {
    return switch (request.getKindCase()) {
      case GROUP_STATE -> done(VoterAnswer.newBuilder().setGroupState(groupState()));
      case TERM -> foreign(request) ? notOurs() : term();
      case JOIN ->
          foreign(request)
              ? notOurs()
              : joins
                  .join(request.getJoin())
                  .thenApply(answer -> VoterAnswer.newBuilder().setJoin(answer).build());
      case FORWARD ->
          foreign(request)
              ? notOurs()
              : forwards
                  .serve(request.getForward())
                  .thenApply(answer -> VoterAnswer.newBuilder().setForward(answer).build());
      case KIND_NOT_SET ->
          CompletableFuture.failedFuture(
              new UnsupportedOperationException(
                  "a request of a kind that this version does not know: upgrade this member"));
    };
  }

  private boolean foreign(VoterRequest request) {
    return !group.get().map(UUID::toString).orElse("none").equals(request.getGroup());
  }

  private CompletableFuture<VoterAnswer> notOurs() {
    return done(
        VoterAnswer.newBuilder().setRefused(config.name() + " belongs to another store, or none"));
  }

  private CompletableFuture<VoterAnswer> term() {
    RaftNode current = node.get();
    OptionalLong term = current.term();
    return term.isPresent()
        ? done(
            VoterAnswer.newBuilder()
                .setTerm(TermAnswer.newBuilder().setPeer(current.peer()).setTerm(term.getAsLong())))
        : done(VoterAnswer.newBuilder().setRefused("the Raft server does not run"));
  }

  private GroupAnswer groupState() {
    RaftNode current = node.get();
    return GroupAnswer.newBuilder()
        .setName(config.name())
        .setGroup(group.get().map(UUID::toString).orElse(""))
        .setBootstrapMember(config.bootstrapMember())
        .setLeaderAddress(
            current
                .leader()
                .flatMap(current.voters()::find)
                .map(Voters.Peer::memberAddress)
                .orElse(""))
        .build();
  }

  private static CompletableFuture<VoterAnswer> done(VoterAnswer.Builder answer) {
    return CompletableFuture.completedFuture(answer.build());
  }
}
