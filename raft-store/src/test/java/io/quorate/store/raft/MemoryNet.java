package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.link.VoterLink;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Member services in one process, with cables that can be cut in one direction. */
final class MemoryNet implements AutoCloseable {
  private final Map<String, VoterEndpoint> endpoints = new ConcurrentHashMap<>();
  private final Map<String, UnaryOperator<Bytes>> rewriting = new ConcurrentHashMap<>();
  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  void attach(String address, VoterEndpoint endpoint) {
    endpoints.put(address, endpoint);
  }

  void detach(String address) {
    endpoints.remove(address);
  }

  /** What {@code address} answers is changed on its way, until this is called again. */
  void rewriteAnswers(String address, UnaryOperator<Bytes> change) {
    rewriting.put(address, change);
  }

  /** Nothing that {@code from} sends reaches {@code to} any more; answers still do. */
  void cut(String from, String to) {
    cut.add(from + ">" + to);
  }

  void heal() {
    cut.clear();
  }

  /** The link of the member whose own service is at {@code from}. */
  VoterLink link(String from) {
    return (to, request, timeout) -> call(from, to, request, timeout);
  }

  private CompletionStage<Bytes> call(String from, String to, Bytes request, Duration timeout) {
    CompletableFuture<Bytes> answer = new CompletableFuture<>();
    if (cut.contains(from + ">" + to)) {
      // As a lost packet: nothing is heard until the time is up.
      return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }
    VoterEndpoint endpoint = endpoints.get(to);
    if (endpoint == null) {
      answer.completeExceptionally(new IOException("connection refused: " + to));
      return answer;
    }
    executor.execute(() ->
        endpoint
            .answer(request)
            .whenComplete((bytes, thrown) -> {
              if (cut.contains(to + ">" + from)) {
                return;
              }
              if (thrown != null) {
                answer.completeExceptionally(thrown);
              } else {
                answer.complete(rewriting.getOrDefault(to, UnaryOperator.identity()).apply(bytes));
              }
            }));
    return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
