package io.quorate.store.raft;

import io.quorate.store.StoreError;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.RequestId;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * This process' session in the replicated state, and the numbers of its requests. With them a
 * transaction that was lost on its way can be sent again and takes effect once.
 */
final class SessionKeeper {
  /** Requests that may wait for a number. */
  private static final int WAITING_MAX = 8_192;

  private final Router router;
  private final int window = StoreLimits.DEFAULT.sessionWindow();
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<CompletableFuture<Numbering>> waiting = new ArrayDeque<>();
  private final TreeSet<Long> outstanding = new TreeSet<>();
  private long session;
  private long sequence;
  private boolean opening;

  /** A number for a request, or the reason why there is none; nothing was done then. */
  sealed interface Numbering {
    /** Use this one, and give it back. */
    record Given(RequestId id) implements Numbering {}

    /** There is none to be had. */
    record None(Attempt<CommandResult> why) implements Numbering {}
  }

  SessionKeeper(Router router) {
    this.router = router;
  }

  /** Opens a session ahead of the first request, if there is none. */
  void prepare() {
    lock.lock();
    try {
      if (session != 0 || opening) {
        return;
      }
      opening = true;
    } finally {
      lock.unlock();
    }
    open();
  }

  /** Runs {@code request} with a number of its own. */
  CompletableFuture<Attempt<CommandResult>> numbered(
      Function<RequestId, CompletableFuture<Attempt<CommandResult>>> request) {
    CompletableFuture<Numbering> number = new CompletableFuture<>();
    boolean full;
    lock.lock();
    try {
      full = waiting.size() >= WAITING_MAX;
      if (!full) {
        waiting.add(number);
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      return CompletableFuture.completedFuture(
          new Attempt.Refused<>(
              new StoreError(
                  StoreError.Code.OVERLOADED,
                  "too many requests are under way in the store: slow down")));
    }
    prepare();
    serve();
    return number.thenCompose(given ->
        switch (given) {
          case Numbering.Given(RequestId id) ->
              request.apply(id).whenComplete((attempt, _) -> giveBack(id, attempt));
          case Numbering.None(Attempt<CommandResult> why) -> CompletableFuture.completedFuture(why);
        });
  }

  private void open() {
    var _ =
        router
            .route(Call.Command.repeatable(new StoreCommand.OpenSession()))
            .thenAccept(this::opened);
  }

  private void opened(Attempt<CommandResult> attempt) {
    List<CompletableFuture<Numbering>> failed = new ArrayList<>();
    lock.lock();
    try {
      opening = false;
      if (attempt instanceof Attempt.Served<CommandResult>(CommandResult.SessionOpened(long id))) {
        session = id;
        sequence = 0;
        outstanding.clear();
      } else {
        failed.addAll(waiting);
        waiting.clear();
      }
    } finally {
      lock.unlock();
    }
    // Whatever became of opening a session: of those who wait for it nothing was sent.
    Attempt<CommandResult> why =
        attempt instanceof Attempt.Refused<CommandResult> refused
            ? refused
            : new Attempt.Refused<>(
                new StoreError(
                    StoreError.Code.UNAVAILABLE,
                    "no session of the store could be opened: " + attempt));
    failed.forEach(number -> number.complete(new Numbering.None(why)));
    serve();
  }

  private void giveBack(RequestId id, Attempt<CommandResult> attempt) {
    lock.lock();
    try {
      if (id.session() == session) {
        outstanding.remove(id.sequence());
        if (attempt instanceof Attempt.Served<CommandResult>(CommandResult.Forgotten _)) {
          session = 0;
        }
      }
    } finally {
      lock.unlock();
    }
    serve();
  }

  /** Gives numbers to those who wait, as far as the window allows. */
  private void serve() {
    for (Grant grant = next(); grant != null; grant = next()) {
      grant.to().complete(new Numbering.Given(grant.id()));
    }
    if (missing()) {
      prepare();
    }
  }

  private record Grant(CompletableFuture<Numbering> to, RequestId id) {}

  private @Nullable Grant next() {
    lock.lock();
    try {
      boolean room =
          session != 0 && (outstanding.isEmpty() || sequence - outstanding.first() < window - 1);
      CompletableFuture<Numbering> to = room ? waiting.poll() : null;
      if (to == null) {
        return null;
      }
      sequence++;
      outstanding.add(sequence);
      return new Grant(to, new RequestId(session, sequence));
    } finally {
      lock.unlock();
    }
  }

  private boolean missing() {
    lock.lock();
    try {
      return session == 0 && !opening && !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
