package io.quorate.rpc.etcd;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.ResponseHeader;
import io.quorate.store.ClientStore;
import io.quorate.store.Outcome;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.StoreStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What all services share: the store, who this member is, and how a request is answered.
 *
 * <p>Stages of the store complete on its threads, so answers are made in {@code executor}, but for
 * those that are no work.
 */
final class EtcdNode {

  private final ClientStore store;
  private final MemberIds ids;
  private final Executor executor;
  private volatile StoreStatus status;
  private volatile long cluster;

  EtcdNode(ClientStore store, MemberIds ids, Executor executor) {
    this.store = store;
    this.ids = ids;
    this.executor = executor;
    this.status = store.status();
    store.onStatusChange(changed -> status = changed);
  }

  ClientStore store() {
    return store;
  }

  MemberIds ids() {
    return ids;
  }

  Executor executor() {
    return executor;
  }

  /** The store's status as of its latest change of leader, term or problem: cheap. */
  StoreStatus lastStatus() {
    return status;
  }

  ResponseHeader header(Revision revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(cluster())
        .setMemberId(ids.self())
        .setRevision(revision.value())
        .setRaftTerm(status.term())
        .build();
  }

  /** The cluster's number never changes once there is one. */
  private long cluster() {
    long known = cluster;
    if (known == 0) {
      known = ids.cluster(store.group());
      cluster = known;
    }
    return known;
  }

  ResponseHeader header() {
    return header(store.facts().revision());
  }

  /** Answers with what {@code answer} makes of {@code stage}'s value, or with etcd's error. */
  <T, A> void reply(
      CompletionStage<Outcome<T>> stage, Function<T, A> answer, StreamObserver<A> observer) {
    reply(stage, answer, observer, _ -> false);
  }

  /**
   * The same.
   *
   * @param small whether an answer is so small that it is made on the store's thread
   */
  <T, A> void reply(
      CompletionStage<Outcome<T>> stage,
      Function<T, A> answer,
      StreamObserver<A> observer,
      Predicate<T> small) {
    var _ =
        stage.whenComplete((outcome, failure) -> {
          if (failure != null) {
            observer.onError(EtcdErrors.thrown(EtcdErrors.unknown()));
          } else if (outcome instanceof Outcome.Done<T>(T value) && !small.test(value)) {
            executor.execute(() -> send(observer, answer.apply(value)));
          } else {
            answer(outcome, answer, observer);
          }
        });
  }

  private static <T, A> void answer(
      Outcome<T> outcome, Function<T, A> answer, StreamObserver<A> observer) {
    switch (outcome) {
      case Outcome.Done<T>(T value) -> send(observer, answer.apply(value));
      case Outcome.NotDone<T>(StoreError error) ->
          observer.onError(EtcdErrors.thrown(EtcdErrors.of(error)));
      case Outcome.Unknown<T> _ -> observer.onError(EtcdErrors.thrown(EtcdErrors.unknown()));
    }
  }

  static <A> void send(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** Runs {@code work}; what a request cannot mean is answered with the error that was thrown. */
  static void guarded(StreamObserver<?> observer, Runnable work) {
    try {
      work.run();
    } catch (StatusRuntimeException refused) {
      observer.onError(refused);
    }
  }

  /** {@code outcome}, once the local replica has what was written: as with etcd. */
  <T> CompletionStage<Outcome<T>> settled(Outcome<T> outcome, Function<T, Revision> revision) {
    return outcome instanceof Outcome.Done<T>(T value)
        ? store.caughtUp(revision.apply(value)).thenApply(_ -> outcome)
        : CompletableFuture.completedStage(outcome);
  }
}
