package io.quorate.store.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.proto.store.v1.VoterMessages.GroupQuestion;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.proto.store.v1.VoterMessages.TermAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.Bytes;
import io.quorate.store.codec.CommandCodec;
import io.quorate.store.link.VoterEndpoint;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers what other members' stores ask. */
final class VoterService implements VoterEndpoint {
  private final RaftStoreConfig config;
  private final NodeKeeper keeper;
  private final Function<String, Standing> standings;
  private final JoinDesk joins;
  private final ForwardServer forwards;

  /**
   * @param standings the most that the voter of a Raft id was heard to have
   */
  VoterService(
      RaftStoreConfig config,
      NodeKeeper keeper,
      JoinDesk joins,
      ForwardServer forwards,
      Function<String, Standing> standings) {
    this.config = config;
    this.keeper = keeper;
    this.standings = standings;
    this.joins = joins;
    this.forwards = forwards;
  }

  @Override
  public CompletionStage<Bytes> answer(Bytes request) {
    return answer(request, Optional.empty());
  }

  @Override
  public CompletionStage<Bytes> answer(Bytes request, Optional<String> caller) {
    VoterRequest message;
    try {
      message = VoterRequest.parseFrom(request.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      return CompletableFuture.failedFuture(e);
    }
    return answer(message, caller).thenApply(answer -> Bytes.of(answer.toByteArray()));
  }

  private CompletableFuture<VoterAnswer> answer(VoterRequest request, Optional<String> caller) {
    if (keeper.replaced().contains(request.getGroup())) {
      return done(
          VoterAnswer.newBuilder()
              .setRefused("the store of %s was replaced".formatted(request.getSender()))
              .setReplacedBy(config.name()));
    }
    return switch (request.getKindCase()) {
      case GROUP_STATE ->
          done(VoterAnswer.newBuilder().setGroupState(groupState(request.getGroupState())));
      case TERM -> foreign(request) ? notOurs() : term();
      case JOIN -> foreign(request) ? notOurs() : join(request.getJoin(), caller);
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

  /** Whoever asks to join does so for itself: a vote is given to it under that name. */
  private CompletableFuture<VoterAnswer> join(JoinRequest request, Optional<String> caller) {
    if (caller.filter(name -> !name.equals(request.getName())).isPresent()) {
      return done(
          VoterAnswer.newBuilder()
              .setRefused(
                  "%s asks to join as '%s': its certificate speaks for another member"
                      .formatted(caller.get(), request.getName())));
    }
    return joins
        .join(request)
        .thenApply(answer -> VoterAnswer.newBuilder().setJoin(answer).build());
  }

  private boolean foreign(VoterRequest request) {
    return !keeper.group().map(UUID::toString).orElse("none").equals(request.getGroup());
  }

  private CompletableFuture<VoterAnswer> notOurs() {
    return done(
        VoterAnswer.newBuilder().setRefused(config.name() + " belongs to another store, or none"));
  }

  private CompletableFuture<VoterAnswer> term() {
    RaftNode current = keeper.node();
    OptionalLong term = current.term();
    return term.isPresent()
        ? done(
            VoterAnswer.newBuilder()
                .setTerm(
                    TermAnswer.newBuilder()
                        .setPeer(current.peer())
                        .setTerm(term.getAsLong())
                        .setCommitIndex(current.commitIndex())
                        .setEntryLevel(CommandCodec.LEVEL)))
        : done(VoterAnswer.newBuilder().setRefused("the Raft server does not run"));
  }

  private GroupAnswer groupState(GroupQuestion question) {
    Standing heard = standings.apply(question.getPeer());
    RaftNode current = keeper.node();
    return GroupAnswer.newBuilder()
        .setName(config.name())
        .setGroup(keeper.group().map(UUID::toString).orElse(""))
        .addAllReplaced(keeper.replaced())
        .setHeardTerm(heard.term())
        .setHeardIndex(heard.index())
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
