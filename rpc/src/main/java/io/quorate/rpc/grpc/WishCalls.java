package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.command.Answer;
import io.quorate.ha.command.Commands;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.proto.admin.v1.CancelRequest;
import io.quorate.proto.admin.v1.FailoverRequest;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.ReinitializeRequest;
import io.quorate.proto.admin.v1.ReloadRequest;
import io.quorate.proto.admin.v1.RestartRequest;
import io.quorate.proto.admin.v1.SwitchoverRequest;
import io.quorate.rpc.wish.InvalidWishException;
import io.quorate.rpc.wish.WishText;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The calls that hand in wishes and take them back. */
final class WishCalls {

  private static final String REQUESTER = "grpc";

  private final Commands commands;

  WishCalls(Commands commands) {
    this.commands = commands;
  }

  private interface Reader {
    Wish read() throws InvalidWishException;
  }

  void switchover(SwitchoverRequest request, StreamObserver<Operation> observer) {
    submit(
        () ->
            new Wish.Switchover(
                WishText.member(request.getLeader()),
                WishText.member(request.getCandidate()),
                WishText.time(request.getScheduledAt())),
        observer);
  }

  void failover(FailoverRequest request, StreamObserver<Operation> observer) {
    if (request.getCandidate().isBlank()) {
      observer.onError(
          Refusals.error(
              new Refusal(
                  Refusal.Code.CANDIDATE_REQUIRED,
                  "a failover needs a candidate: only a switchover chooses one")));
      return;
    }
    submit(
        () ->
            new Wish.Failover(
                WishText.required(request.getCandidate(), "candidate"),
                request.getAcceptDataLoss()),
        observer);
  }

  void restart(RestartRequest request, StreamObserver<Operation> observer) {
    submit(
        () ->
            new Wish.Restart(
                WishText.required(request.getMember(), "member"),
                WishText.time(request.getScheduledAt()),
                new Wish.Only(
                    WishText.role(request.getRole()),
                    WishText.version(request.getPostgresVersion()),
                    request.getPending()),
                request.getTimeoutMs() > 0
                    ? Optional.of(Duration.ofMillis(request.getTimeoutMs()))
                    : Optional.empty()),
        observer);
  }

  void reload(ReloadRequest request, StreamObserver<Operation> observer) {
    submit(() -> new Wish.Reload(WishText.required(request.getMember(), "member")), observer);
  }

  void reinitialize(ReinitializeRequest request, StreamObserver<Operation> observer) {
    submit(() -> new Wish.Reinit(WishText.required(request.getMember(), "member")), observer);
  }

  void cancel(CancelRequest request, StreamObserver<Operation> observer) {
    answer(
        commands.cancel(
            request.getSlot(), Optional.of(request.getId()).filter(id -> !id.isEmpty()), REQUESTER),
        observer);
  }

  <T> void pause(boolean on, T done, StreamObserver<T> observer) {
    var _ =
        commands
            .pause(on)
            .whenComplete((refusal, failure) -> {
              if (failure != null) {
                observer.onError(unknown(failure));
              } else if (refusal.isPresent()) {
                observer.onError(Refusals.error(refusal.get()));
              } else {
                observer.onNext(done);
                observer.onCompleted();
              }
            });
  }

  private void submit(Reader reader, StreamObserver<Operation> observer) {
    Wish wish;
    try {
      wish = reader.read();
    } catch (InvalidWishException e) {
      observer.onError(Errors.of(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", e.text()));
      return;
    }
    answer(commands.submit(wish, REQUESTER), observer);
  }

  private static void answer(CompletionStage<Answer> stage, StreamObserver<Operation> observer) {
    var _ =
        stage.whenComplete((answer, failure) -> {
          if (failure != null) {
            observer.onError(unknown(failure));
            return;
          }
          switch (answer) {
            case Answer.Accepted(Intent intent) -> {
              observer.onNext(OperationMapping.of(intent, Optional.empty()));
              observer.onCompleted();
            }
            case Answer.Refused(Refusal refusal) -> observer.onError(Refusals.error(refusal));
          }
        });
  }

  private static StatusRuntimeException unknown(Throwable failure) {
    return Errors.of(Status.Code.UNKNOWN, "OUTCOME_UNKNOWN", Causes.root(failure));
  }
}
