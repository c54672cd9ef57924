package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.ha.journal.JournalReader;
import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.store.Store;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Streams of the journal. */
final class JournalCalls {

  /** More streams than this are refused. */
  private static final int STREAMS_MAX = 64;

  /** A caller that is further behind is cut off: more than all that is kept of three members. */
  private static final int BEHIND_MAX = 2_000;

  private final JournalReader journal;
  private final Executor executor;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();

  JournalCalls(JournalReader journal, Executor executor) {
    this.journal = journal;
    this.executor = executor;
  }

  static JournalEntry entry(io.quorate.ha.model.JournalEntry entry) {
    return JournalEntry.newBuilder()
        .setMember(entry.member().value())
        .setAt(entry.at().toString())
        .setKind(entry.kind().name())
        .setCode(entry.code())
        .setText(entry.text())
        .build();
  }

  void watch(boolean newOnly, ServerCallStreamObserver<JournalEntry> observer) {
    if (streams.size() >= STREAMS_MAX) {
      observer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("more than " + STREAMS_MAX + " journal streams")
              .asRuntimeException());
      return;
    }
    Stream stream = new Stream(observer);
    observer.setOnCancelHandler(stream::drop);
    observer.setOnReadyHandler(() -> executor.execute(stream::send));
    streams.add(stream);
    var _ =
        journal
            .read()
            .thenAccept(contents -> {
              if (!newOnly) {
                stream.offer(contents.entries());
              }
              stream.follow(contents.revision());
            });
  }

  /** Ends all streams: the node is going. */
  void close() {
    streams.forEach(stream -> stream.end("the agent is ending"));
  }

  private final class Stream {
    private final ServerCallStreamObserver<JournalEntry> observer;
    private final ArrayDeque<JournalEntry> waiting = new ArrayDeque<>();
    private Store.@Nullable Watch watch;
    private boolean over;

    Stream(ServerCallStreamObserver<JournalEntry> observer) {
      this.observer = observer;
    }

    void follow(long revision) {
      Store.Watch begun =
          journal.watch(revision, this::offer, why -> executor.execute(() -> end(why)));
      synchronized (this) {
        if (!over) {
          watch = begun;
          return;
        }
      }
      begun.close();
    }

    void offer(List<io.quorate.ha.model.JournalEntry> entries) {
      synchronized (this) {
        entries.forEach(entry -> waiting.addLast(entry(entry)));
      }
      executor.execute(this::send);
    }

    synchronized void send() {
      while (!over && observer.isReady() && !waiting.isEmpty()) {
        observer.onNext(waiting.removeFirst());
      }
      if (waiting.size() > BEHIND_MAX) {
        end("the caller reads too slowly");
      }
    }

    private JournalEntry entry(io.quorate.ha.model.JournalEntry entry) {
      return JournalCalls.entry(entry);
    }

    void drop() {
      Store.Watch begun;
      synchronized (this) {
        over = true;
        begun = watch;
        watch = null;
      }
      streams.remove(this);
      if (begun != null) {
        begun.close();
      }
    }

    void end(String why) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
        observer.onError(Errors.of(Status.Code.UNAVAILABLE, "STARTING", why));
      }
      drop();
    }
  }
}
