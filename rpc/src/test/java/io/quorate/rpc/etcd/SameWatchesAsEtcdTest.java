package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.WatchCancelRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchCreateRequest.FilterType;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchProgressRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same watches on etcd and on Quorate, both new, while the same is written: the same events and
 * the same other responses, in the same order for each watch. How many events a response holds is
 * each store's own affair.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SameWatchesAsEtcdTest {

  /** Several of these do not fit into one response. */
  private static final int LARGE = 500 * 1024;

  private EtcdCluster cluster;
  private RealEtcd etcd;
  private ManagedChannel ours;
  private ManagedChannel theirs;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    etcd = RealEtcd.start(dir.resolve("etcd"));
    cluster = EtcdCluster.start(dir, 1);
    ours = channel(cluster.port(0));
    theirs = channel(etcd.port());
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterAll
  void stop() {
    ours.shutdownNow();
    theirs.shutdownNow();
    cluster.close();
    etcd.close();
  }

  @Test
  void severalWatchesOfAStream() {
    try (Pair pair = new Pair()) {
      pair.create(watch("s/a"));
      pair.create(watch("s/").setRangeEnd(b("s0")).setPrevKv(true).setWatchId(7));
      pair.create(watch("s/b").addFilters(FilterType.NOPUT));
      pair.create(watch("s/b").addFilters(FilterType.NODELETE));
      pair.create(watch("s/a").setWatchId(7));
      pair.expect(5);
      both(channel -> put(channel, "s/a", "1"));
      both(channel -> put(channel, "s/b", "1"));
      both(channel -> put(channel, "s/a", "2"));
      both(channel -> delete(channel, "s/b"));
      both(channel -> put(channel, "other", "1"));
      both(SameWatchesAsEtcdTest::transaction);
      // 0: a put twice and in the transaction; 7: all 6 and the transaction's; the two of s/b.
      pair.expect(5 + 3 + 6 + 1 + 2);
      pair.cancel(7);
      pair.cancel(99);
      pair.expect(18);
      both(channel -> put(channel, "s/a", "3"));
      pair.expect(19);
      pair.same();
    }
  }

  @Test
  void watchesOfThePastAndOfTheFuture() {
    long first = both(channel -> put(channel, "p/a", "1"));
    both(channel -> put(channel, "p/a", "2"));
    both(channel -> delete(channel, "p/a"));
    long last = both(channel -> put(channel, "p/a", "3"));
    try (Pair pair = new Pair()) {
      pair.create(watch("p/a").setStartRevision(first).setPrevKv(true));
      pair.create(watch("p/a").setStartRevision(first + 1).addFilters(FilterType.NOPUT));
      pair.create(watch("p/a").setStartRevision(last + 2));
      pair.expect(3 + 4 + 1);
      both(channel -> put(channel, "p/a", "4"));
      both(channel -> put(channel, "p/a", "5"));
      pair.expect(8 + 2 + 1);
      pair.same();
    }
  }

  @Test
  void watchesThatAreRefused() {
    try (Pair pair = new Pair()) {
      pair.create(watch("z").setRangeEnd(b("a")));
      pair.create(watch("z").setRangeEnd(b("z")));
      pair.create(watch("").setRangeEnd(b("\0")).setStartRevision(Long.MAX_VALUE));
      pair.expect(3);
      pair.same();
    }
  }

  @Test
  void keysOfALeaseThatEnds() {
    try (Pair pair = new Pair()) {
      pair.create(watch("l/").setRangeEnd(b("l0")).setPrevKv(true));
      pair.expect(1);
      both(channel -> lease(channel, "l/a", "l/b"));
      pair.expect(1 + 2 + 2);
      pair.same();
    }
  }

  @Test
  void aStartThatIsCompacted() {
    long first = both(channel -> put(channel, "c/a", "1"));
    both(channel -> put(channel, "c/a", "2"));
    long last = both(channel -> put(channel, "c/a", "3"));
    both(channel -> compact(channel, last));
    try (Pair pair = new Pair()) {
      pair.create(watch("c/a").setStartRevision(first));
      pair.expect(2);
      pair.create(watch("c/a").setStartRevision(last));
      pair.expect(2 + 2);
      pair.same();
    }
  }

  @Test
  void progressOnRequest() {
    both(channel -> put(channel, "g/a", "1"));
    try (Pair pair = new Pair()) {
      pair.create(watch("g/a"));
      pair.create(watch("g/b").setProgressNotify(true));
      pair.expect(2);
      both(channel -> put(channel, "g/a", "2"));
      pair.expect(3);
      both(channel -> put(channel, "elsewhere", "1"));
      pair.send(
          WatchRequest.newBuilder()
              .setProgressRequest(WatchProgressRequest.getDefaultInstance())
              .build());
      pair.expect(4);
      pair.same();
    }
  }

  @Test
  void eventsInFragments() {
    long first = both(channel -> put(channel, "f/0", "x".repeat(LARGE)));
    for (int i = 1; i < 6; i++) {
      String key = "f/" + i;
      both(channel -> put(channel, key, "x".repeat(LARGE)));
    }
    try (Pair pair = new Pair()) {
      pair.create(
          watch("f/")
              .setRangeEnd(b("f0"))
              .setStartRevision(first)
              .setFragment(true)
              .setPrevKv(true));
      pair.expect(7);
      pair.same();
      // Quorate's need none: it does not put several revisions into one response of this size.
      assertThat(pair.expected.fragmented()).as("etcd's come in fragments").isTrue();
      assertThat(pair.actual.largest()).isLessThan(2 * 1024 * 1024);
    }
  }

  // What is written

  private interface Write {
    long at(ManagedChannel channel);
  }

  /** Returns the revision, the same on both. */
  private long both(Write write) {
    long expected = write.at(theirs);
    assertThat(write.at(ours)).as("revision").isEqualTo(expected);
    return expected;
  }

  private static ByteString b(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static long put(ManagedChannel channel, String key, String value) {
    return KVGrpc.newBlockingStub(channel)
        .put(PutRequest.newBuilder().setKey(b(key)).setValue(b(value)).build())
        .getHeader()
        .getRevision();
  }

  private static long delete(ManagedChannel channel, String key) {
    return KVGrpc.newBlockingStub(channel)
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(b(key)).build())
        .getHeader()
        .getRevision();
  }

  /** Two keys at one revision. */
  private static long transaction(ManagedChannel channel) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (String key : List.of("s/a", "s/b")) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(PutRequest.newBuilder().setKey(b(key)).setValue(b("t"))));
    }
    return KVGrpc.newBlockingStub(channel).txn(txn.build()).getHeader().getRevision();
  }

  private static long lease(ManagedChannel channel, String... keys) {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
    leases.leaseGrant(LeaseGrantRequest.newBuilder().setID(5).setTTL(60).build());
    for (String key : keys) {
      KVGrpc.newBlockingStub(channel)
          .put(PutRequest.newBuilder().setKey(b(key)).setValue(b("1")).setLease(5).build());
    }
    return leases
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(5).build())
        .getHeader()
        .getRevision();
  }

  private static long compact(ManagedChannel channel, long revision) {
    return KVGrpc.newBlockingStub(channel)
        .compact(CompactionRequest.newBuilder().setRevision(revision).build())
        .getHeader()
        .getRevision();
  }

  private static WatchCreateRequest.Builder watch(String key) {
    return WatchCreateRequest.newBuilder().setKey(b(key));
  }

  /** A stream to either store. */
  private final class Pair implements AutoCloseable {
    private final Seen expected = new Seen();
    private final Seen actual = new Seen();
    private final StreamObserver<WatchRequest> etcdsRequests =
        WatchGrpc.newStub(theirs).watch(expected);
    private final StreamObserver<WatchRequest> ourRequests = WatchGrpc.newStub(ours).watch(actual);

    void create(WatchCreateRequest.Builder request) {
      send(WatchRequest.newBuilder().setCreateRequest(request).build());
    }

    void cancel(long id) {
      send(
          WatchRequest.newBuilder()
              .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
              .build());
    }

    void send(WatchRequest request) {
      List.of(etcdsRequests, ourRequests).forEach(requests -> requests.onNext(request));
    }

    /** Waits until either has sent so many events and other responses in all. */
    void expect(int count) {
      for (Seen seen : List.of(expected, actual)) {
        String store = seen.equals(actual) ? "Quorate" : "etcd";
        try {
          EtcdCluster.await(() -> seen.count() >= count);
        } catch (AssertionError e) {
          throw new AssertionError(
              "%s sent %d, not %d: %s".formatted(store, seen.count(), count, seen.lines()), e);
        }
      }
    }

    void same() {
      assertThat(actual.lines()).isEqualTo(expected.lines());
    }

    @Override
    public void close() {
      Consumer<StreamObserver<WatchRequest>> end = StreamObserver::onCompleted;
      List.of(etcdsRequests, ourRequests).forEach(end);
    }
  }

  private static final class Seen implements StreamObserver<WatchResponse> {
    private final List<WatchResponse> responses = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onNext(WatchResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable failure) {
      failures.add(failure);
    }

    @Override
    public void onCompleted() {}

    int count() {
      assertThat(failures).isEmpty();
      return responses.stream().mapToInt(r -> Math.max(1, r.getEventsCount())).sum();
    }

    int largest() {
      return responses.stream().mapToInt(WatchResponse::getSerializedSize).max().orElse(0);
    }

    boolean fragmented() {
      return responses.stream().anyMatch(WatchResponse::getFragment);
    }

    /**
     * By watch, in the order sent; events one by one, with nothing of the response they were in.
     */
    List<String> lines() {
      List<String> lines = new ArrayList<>();
      responses.stream()
          .map(WatchResponse::getWatchId)
          .distinct()
          .sorted()
          .forEach(id ->
              responses.stream()
                  .filter(response -> response.getWatchId() == id)
                  .forEach(response -> add(id, response, lines)));
      return lines;
    }

    private static void add(long id, WatchResponse response, List<String> lines) {
      if (response.getEventsCount() == 0) {
        // etcd gives no revision with the end of a watch that came too late for its start.
        WatchResponse shown =
            response.getCompactRevision() > 0
                ? response.toBuilder().clearHeader().build()
                : response;
        lines.add(id + ": " + SameAsEtcdTest.text(SameAsEtcdTest.without(shown)));
        return;
      }
      response
          .getEventsList()
          .forEach(event -> {
            String text = SameAsEtcdTest.text(event);
            lines.add(id + ": " + (text.length() > 400 ? text.hashCode() : text));
          });
    }
  }
}
