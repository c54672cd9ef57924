package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.quorate.proto.etcd.WatchCancelRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchCreateRequest.FilterType;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchProgressRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.raft.RaftStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Watches of one stream, seen from the wire. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WatchTest {

  private static final EtcdSettings.Limits LIMITS =
      new EtcdSettings.Limits(
          1536 * 1024,
          4_096,
          3,
          256,
          16,
          Duration.ofMillis(200),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3));

  private EtcdCluster cluster;
  private RaftStore store;
  private ManagedChannel channel;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    cluster = EtcdCluster.start(dir, 1, LIMITS);
    store = cluster.store(0);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", cluster.port(0)).usePlaintext().build();
  }

  @AfterAll
  void stop() {
    channel.shutdownNow();
    cluster.close();
  }

  @Test
  void severalWatchesShareAStreamAndAreToldApart() {
    try (Stream stream = new Stream()) {
      stream.create(watch("share/a").build());
      stream.create(watch("share/b").setWatchId(17).build());
      assertThat(stream.next().getWatchId()).isZero();
      assertThat(stream.next().getWatchId()).isEqualTo(17);
      long first = put("share/a", "1");
      long second = put("share/b", "2");
      WatchResponse a = stream.next();
      assertThat(a.getWatchId()).isZero();
      assertThat(a.getHeader().getRevision()).isEqualTo(first);
      WatchResponse b = stream.next();
      assertThat(b.getWatchId()).isEqualTo(17);
      assertThat(b.getEvents(0).getKv().getModRevision()).isEqualTo(second);
      stream.create(watch("share/c").setWatchId(17).build());
      WatchResponse duplicate = stream.next();
      assertThat(duplicate.getCanceled() && duplicate.getCreated()).isTrue();
      assertThat(duplicate.getWatchId()).isEqualTo(-1);
      assertThat(duplicate.getCancelReason())
          .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    }
  }

  @Test
  void watchBeginsInThePastWithFormerValuesAndFilters() {
    long first = put("past/a", "1");
    put("past/a", "2");
    delete("past/a");
    try (Stream stream = new Stream()) {
      stream.create(watch("past/a").setStartRevision(first).setPrevKv(true).build());
      assertThat(stream.next().getCreated()).isTrue();
      List<Event> events = stream.events(3);
      assertThat(events)
          .extracting(Event::getType)
          .containsExactly(Event.EventType.PUT, Event.EventType.PUT, Event.EventType.DELETE);
      assertThat(events.get(0).hasPrevKv()).isFalse();
      assertThat(events.get(1).getPrevKv().getValue()).isEqualTo(bytes("1"));
      assertThat(events.get(2).getPrevKv().getValue()).isEqualTo(bytes("2"));
      assertThat(events.get(2).getKv().getVersion()).isZero();
      stream.create(watch("past/a").setStartRevision(first).addFilters(FilterType.NOPUT).build());
      assertThat(stream.next().getCreated()).isTrue();
      assertThat(stream.events(1))
          .extracting(Event::getType)
          .containsExactly(Event.EventType.DELETE);
      stream.create(
          watch("past/a").setStartRevision(first).addFilters(FilterType.NODELETE).build());
      assertThat(stream.next().getCreated()).isTrue();
      assertThat(stream.events(2))
          .extracting(Event::getType)
          .containsExactly(Event.EventType.PUT, Event.EventType.PUT);
    }
  }

  @Test
  void cancelledWatchSaysSoAndIsSilent() {
    try (Stream stream = new Stream()) {
      stream.create(watch("cancel/a").build());
      long id = stream.next().getWatchId();
      stream.send(
          WatchRequest.newBuilder()
              .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
              .build());
      WatchResponse cancelled = stream.next();
      assertThat(cancelled.getCanceled()).isTrue();
      assertThat(cancelled.getWatchId()).isEqualTo(id);
      put("cancel/a", "1");
      stream.progress();
      assertThat(stream.next().getEventsList()).isEmpty();
    }
  }

  @Test
  void compactedStartIsToldWithTheFirstRevisionThatIsLeft() {
    long first = put("compacted/a", "1");
    long last = put("compacted/a", "2");
    assertThat(done(store.compact(new Revision(last)))).isEqualTo(new Revision(last));
    try (Stream stream = new Stream()) {
      stream.create(watch("compacted/a").setStartRevision(first).build());
      assertThat(stream.next().getCreated()).isTrue();
      WatchResponse end = stream.next();
      assertThat(end.getCanceled()).isTrue();
      assertThat(end.getCompactRevision()).isEqualTo(last);
    }
  }

  @Test
  void progressIsToldOnceAllWatchesHaveCaughtUp() {
    try (Stream stream = new Stream()) {
      stream.create(watch("progress/a").build());
      assertThat(stream.next().getCreated()).isTrue();
      long written = put("progress/a", "1");
      long other = put("elsewhere", "1");
      stream.progress();
      assertThat(stream.next().getEvents(0).getKv().getModRevision()).isEqualTo(written);
      WatchResponse progress = stream.next();
      assertThat(progress.getEventsList()).isEmpty();
      assertThat(progress.getWatchId()).isEqualTo(-1);
      assertThat(progress.getHeader().getRevision()).isGreaterThanOrEqualTo(other);
    }
  }

  @Test
  void idleWatchThatAskedForItHearsOfProgress() {
    try (Stream stream = new Stream()) {
      stream.create(watch("idle/a").setProgressNotify(true).build());
      assertThat(stream.next().getCreated()).isTrue();
      long elsewhere = put("elsewhere", "2");
      WatchResponse told = stream.next();
      while (told.getHeader().getRevision() < elsewhere) {
        told = stream.next();
      }
      assertThat(told.getWatchId()).isZero();
      assertThat(told.getEventsList()).isEmpty();
    }
  }

  @Test
  void largeResponsesAreSplitForWhoAsksForIt() {
    try (Stream stream = new Stream()) {
      stream.create(prefix("split/").setFragment(true).build());
      stream.create(prefix("split/").build());
      assertThat(stream.next().getCreated()).isTrue();
      assertThat(stream.next().getCreated()).isTrue();
      List<Op> puts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        puts.add(Op.put(Bytes.utf8("split/" + i), Bytes.utf8("x".repeat(1_000))));
      }
      done(store.txn(new Txn(List.of(), puts, List.of()), Principal.CLIENT));
      List<WatchResponse> parts = new ArrayList<>();
      WatchResponse whole = WatchResponse.getDefaultInstance();
      int events = 0;
      while (events < 20) {
        WatchResponse next = stream.next();
        events += next.getEventsCount();
        if (next.getWatchId() == 0) {
          parts.add(next);
        } else {
          whole = next;
        }
      }
      assertThat(whole.getEventsCount()).isEqualTo(10);
      assertThat(parts).hasSizeGreaterThan(2);
      assertThat(parts).allMatch(part -> part.getSerializedSize() <= 4_096);
      assertThat(parts.subList(0, parts.size() - 1)).allMatch(WatchResponse::getFragment);
      assertThat(parts.getLast().getFragment()).isFalse();
      assertThat(parts.stream().flatMap(part -> part.getEventsList().stream()))
          .containsExactlyElementsOf(whole.getEventsList());
    }
  }

  @Test
  void streamHasAsManyWatchesAsItsBoundAndNotOneMore() {
    try (Stream stream = new Stream()) {
      for (int i = 0; i < LIMITS.watches(); i++) {
        stream.create(watch("bound/" + i).build());
        assertThat(stream.next().getCanceled()).isFalse();
      }
      stream.create(watch("bound/more").build());
      WatchResponse refused = stream.next();
      assertThat(refused.getCanceled() && refused.getCreated()).isTrue();
      assertThat(refused.getCancelReason()).contains("too many watches on this stream");
      stream.send(
          WatchRequest.newBuilder()
              .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(1))
              .build());
      assertThat(stream.next().getCanceled()).isTrue();
      stream.create(watch("bound/again").build());
      assertThat(stream.next().getCanceled()).isFalse();
    }
  }

  @Test
  void slowClientGetsAllInTheEnd() {
    long first = put("slow/0", "x");
    try (Stream stream = new Stream()) {
      stream.hold();
      stream.create(prefix("slow/").setStartRevision(first).build());
      for (int i = 1; i < 200; i++) {
        put("slow/" + i % 10, "y".repeat(20_000));
      }
      stream.release();
      assertThat(stream.next().getCreated()).isTrue();
      List<Event> events = stream.events(200);
      assertThat(events).extracting(event -> event.getKv().getModRevision()).isSorted();
    }
  }

  private static WatchCreateRequest.Builder watch(String key) {
    return WatchCreateRequest.newBuilder().setKey(bytes(key));
  }

  private static WatchCreateRequest.Builder prefix(String prefix) {
    return watch(prefix).setRangeEnd(ToEtcd.bytes(Bytes.utf8(prefix).prefixEnd()));
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private long put(String key, String value) {
    TxnResult result =
        done(store.txn(Txn.of(Op.put(Bytes.utf8(key), Bytes.utf8(value))), Principal.CLIENT));
    return result.revision().value();
  }

  private void delete(String key) {
    done(store.txn(Txn.of(Op.delete(Bytes.utf8(key))), Principal.CLIENT));
  }

  private static <T> T done(java.util.concurrent.CompletionStage<Outcome<T>> stage) {
    Outcome<T> outcome = stage.toCompletableFuture().join();
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  /** The client's end of a stream. */
  private final class Stream
      implements ClientResponseObserver<WatchRequest, WatchResponse>, AutoCloseable {
    private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<WatchRequest> requests;
    private volatile boolean held;

    Stream() {
      var _ = WatchGrpc.newStub(channel).watch(this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
      requests = stream;
      stream.disableAutoRequestWithInitial(1);
    }

    /** Takes no more responses. */
    void hold() {
      held = true;
    }

    void release() {
      held = false;
      stream().request(1);
    }

    void create(WatchCreateRequest request) {
      send(WatchRequest.newBuilder().setCreateRequest(request).build());
    }

    void progress() {
      send(
          WatchRequest.newBuilder()
              .setProgressRequest(WatchProgressRequest.getDefaultInstance())
              .build());
    }

    void send(WatchRequest request) {
      stream().onNext(request);
    }

    private ClientCallStreamObserver<WatchRequest> stream() {
      return java.util.Objects.requireNonNull(requests);
    }

    WatchResponse next() {
      try {
        WatchResponse next = responses.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("the next response").isNotNull();
        return java.util.Objects.requireNonNull(next);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    List<Event> events(int count) {
      List<Event> events = new ArrayList<>();
      while (events.size() < count) {
        events.addAll(next().getEventsList());
      }
      return events;
    }

    @Override
    public void onNext(WatchResponse response) {
      responses.add(response);
      if (!held) {
        stream().request(1);
      }
    }

    @Override
    public void onError(Throwable thrown) {}

    @Override
    public void onCompleted() {}

    @Override
    public void close() {
      stream().cancel("done", null);
    }
  }
}
