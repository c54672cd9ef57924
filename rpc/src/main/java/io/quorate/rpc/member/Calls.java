package io.quorate.rpc.member;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A unary call's answer as a stage. */
final class Calls<T> implements StreamObserver<T> {

  private final CompletableFuture<T> stage = new CompletableFuture<>();
  private @Nullable T value;

  CompletableFuture<T> stage() {
    return stage;
  }

  @Override
  public void onNext(T answer) {
    value = answer;
  }

  @Override
  public void onError(Throwable failure) {
    stage.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    T answer = value;
    if (answer == null) {
      stage.completeExceptionally(new IllegalStateException("no answer"));
    } else {
      stage.complete(answer);
    }
  }
}
