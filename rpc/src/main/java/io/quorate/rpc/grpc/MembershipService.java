package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.admin.v1.ChangeMemberRequest;
import io.quorate.proto.admin.v1.ChangeMemberResponse;
import io.quorate.proto.admin.v1.GetMembersRequest;
import io.quorate.proto.admin.v1.MemberTable;
import io.quorate.proto.admin.v1.MembershipAdminGrpc;
import io.quorate.proto.admin.v1.MoveLeaderRequest;
import io.quorate.proto.admin.v1.MoveLeaderResponse;
import io.quorate.proto.admin.v1.StoreMember;
import io.quorate.store.Membership;
import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Progress;
import io.quorate.store.Outcome;
import io.quorate.store.StoreError;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The calls about who belongs to the store. */
final class MembershipService extends MembershipAdminGrpc.MembershipAdminImplBase {

  private final Membership membership;

  MembershipService(Membership membership) {
    this.membership = membership;
  }

  @Override
  public void getMembers(GetMembersRequest request, StreamObserver<MemberTable> observer) {
    var _ =
        membership
            .table()
            .thenAccept(table -> {
              observer.onNext(message(table));
              observer.onCompleted();
            });
  }

  private static MemberTable message(Membership.Table members) {
    MemberTable.Builder table = MemberTable.newBuilder().setConfirmed(members.confirmed());
    for (Membership.Member member : members.members()) {
      table.addMembers(
          StoreMember.newBuilder()
              .setName(member.name())
              .setId(member.id())
              .setRaftAddress(member.raftAddress())
              .setMemberAddress(member.memberAddress())
              .setLeader(member.leader())
              .setReachable(member.reachable())
              .setListener(member.listener()));
    }
    return table.build();
  }

  @Override
  public void changeMember(
      ChangeMemberRequest request, StreamObserver<ChangeMemberResponse> observer) {
    Optional<Change> change = change(request);
    if (change.isEmpty() || change.get().name().isEmpty()) {
      observer.onError(
          Errors.of(
              Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", "no change, or no name, is set"));
      return;
    }
    answer(membership.change(change.get()), MembershipService::response, observer);
  }

  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
    answer(
        membership.transferLeadership(request.getName()),
        leader -> MoveLeaderResponse.newBuilder().setLeader(leader).build(),
        observer);
  }

  private static Optional<Change> change(ChangeMemberRequest request) {
    return switch (request.getChangeCase()) {
      case ADD ->
          Optional.of(
              new Change.Add(
                  request.getAdd().getName(),
                  request.getAdd().getRaftAddress(),
                  request.getAdd().getMemberAddress(),
                  request.getAdd().getListener()));
      case PROMOTE -> Optional.of(new Change.Promote(request.getPromote().getName()));
      case REMOVE ->
          Optional.of(
              new Change.Remove(request.getRemove().getName(), request.getRemove().getId()));
      case REPLACE ->
          Optional.of(
              new Change.Replace(request.getReplace().getName(), request.getReplace().getId()));
      case CHANGE_NOT_SET -> Optional.empty();
    };
  }

  private static ChangeMemberResponse response(Progress progress) {
    return ChangeMemberResponse.newBuilder()
        .setPhase(
            switch (progress.phase()) {
              case WAITING -> ChangeMemberResponse.Phase.PHASE_WAITING;
              case UNDER_WAY -> ChangeMemberResponse.Phase.PHASE_UNDER_WAY;
              case DONE -> ChangeMemberResponse.Phase.PHASE_DONE;
            })
        .setText(progress.text())
        .build();
  }

  private static <T, M> void answer(
      CompletionStage<Outcome<T>> stage, Function<T, M> message, StreamObserver<M> observer) {
    var _ =
        stage.thenAccept(outcome -> {
          switch (outcome) {
            case Outcome.Done<T>(T value) -> {
              observer.onNext(message.apply(value));
              observer.onCompleted();
            }
            case Outcome.NotDone<T>(StoreError error) -> observer.onError(error(error));
            case Outcome.Unknown<T>(String reason) ->
                observer.onError(
                    Errors.of(
                        Status.Code.UNAVAILABLE,
                        "OUTCOME_UNKNOWN",
                        "it may have been done or not (" + reason + "): ask again"));
          }
        });
  }

  private static StatusRuntimeException error(StoreError error) {
    return error.code() == StoreError.Code.INVALID_ARGUMENT
        ? Errors.of(Status.Code.FAILED_PRECONDITION, "REFUSED", error.message())
        : Errors.of(Status.Code.UNAVAILABLE, "NO_LEADER", error.message());
  }
}
