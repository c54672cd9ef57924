package io.quorate.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Intent;
import io.quorate.proto.admin.v1.CancelRequest;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.proto.admin.v1.FailoverRequest;
import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.ReinitializeRequest;
import io.quorate.proto.admin.v1.ReloadRequest;
import io.quorate.proto.admin.v1.RestartRequest;
import io.quorate.proto.admin.v1.SwitchoverRequest;
import io.quorate.proto.admin.v1.WatchOperationRequest;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.FakeCluster;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.Txn;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wishes, explanations and the journal over gRPC, with a store and an engine behind them. */
final class AdminWishesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final FakeAgent agent = new FakeAgent();
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;
  private FakeCluster cluster;
  private AdminClient client;

  @BeforeEach
  void start() throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> AccessGuard.LOOPBACK_ONLY,
            agent,
            time,
            loops);
    cluster = new FakeCluster(agent, Snapshots.primary(Duration.ofMillis(2500)));
    client = new AdminClient("127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() {
    client.close();
    cluster.close();
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static void isRefused(Supplier<CompletionStage<?>> call, String reason, String text) {
    assertThatThrownBy(() -> call.get().toCompletableFuture().join())
        .cause()
        .isInstanceOfSatisfying(
            AdminClient.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(reason);
              assertThat(refused).hasMessageContaining(text);
            });
  }

  @Test
  void aSwitchoverIsFollowedToItsEnd() throws InterruptedException {
    cluster.answer(
        FakeCluster.state(Intent.State.PREPARING, "checkpoint"),
        FakeCluster.state(Intent.State.STOPPING, "stopping"),
        FakeCluster.handedTo(Snapshots.B));
    Operation asked =
        join(client.switchover(SwitchoverRequest.newBuilder().setLeader("a").build(), PATIENCE));
    assertThat(asked.getSlot()).isEqualTo("primary");
    assertThat(asked.getKind()).isEqualTo("switchover");
    assertThat(asked.getState()).isEqualTo(Operation.State.PENDING);
    BlockingQueue<Operation> seen = new LinkedBlockingQueue<>();
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    client.watchOperation(
        WatchOperationRequest.newBuilder()
            .setSlot(asked.getSlot())
            .setId(asked.getId())
            .setRevision(asked.getRevision())
            .build(),
        seen::add,
        ended::add);
    assertThat(ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).contains("ended the stream");
    List<Operation> all = new ArrayList<>(seen);
    assertThat(all.getLast().getState()).isEqualTo(Operation.State.DONE);
    assertThat(all.getLast().getCandidate()).isEqualTo("b");
    assertThat(all).extracting(Operation::getRevision).isSorted();
  }

  @Test
  void whatIsCurrentHasWhatNobodyHasSeenYet() {
    cluster.close();
    RestartRequest later =
        RestartRequest.newBuilder().setMember("b").setScheduledAt("2030-01-31T22:00:00Z").build();
    Operation asked = join(client.restart(later, PATIENCE));
    assertThat(join(client.status(PATIENCE)).getOperationsList()).isEmpty();
    ClusterStatus current = join(client.currentStatus(PATIENCE));
    assertThat(current.getOperationsList()).extracting(Operation::getId).contains(asked.getId());
    assertThat(current.getViewAgeMs()).isZero();
    CancelRequest back =
        CancelRequest.newBuilder().setSlot(asked.getSlot()).setId(asked.getId()).build();
    assertThat(join(client.cancel(back, PATIENCE)).getState()).isEqualTo(Operation.State.CANCELLED);
    assertThat(join(client.currentStatus(PATIENCE)).getOperationsList()).isEmpty();
    assertThat(join(client.status(PATIENCE)).getSettings().getPaused()).isFalse();
    join(client.pause(PATIENCE));
    assertThat(join(client.currentStatus(PATIENCE)).getSettings().getPaused()).isTrue();
  }

  @Test
  void anUnknownWishEndsTheStream() throws InterruptedException {
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    client.watchOperation(
        WatchOperationRequest.newBuilder().setSlot("primary").build(), _ -> {}, ended::add);
    assertThat(ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).contains("no such wish");
  }

  @Test
  void refusalsHaveStableReasons() {
    isRefused(
        () -> client.switchover(SwitchoverRequest.newBuilder().setLeader("b").build(), PATIENCE),
        "PRIMARY_IS_ANOTHER",
        "the primary is a, not b");
    isRefused(
        () ->
            client.switchover(
                SwitchoverRequest.newBuilder().setScheduledAt("soon").build(), PATIENCE),
        "INVALID_REQUEST",
        "'soon' is no time");
    isRefused(
        () -> client.failover(FailoverRequest.getDefaultInstance(), PATIENCE),
        "CANDIDATE_REQUIRED",
        "needs a candidate");
    isRefused(
        () -> client.restart(RestartRequest.newBuilder().setMember("z").build(), PATIENCE),
        "MEMBER_UNKNOWN",
        "no agent of the name z");
    isRefused(
        () -> client.restart(RestartRequest.getDefaultInstance(), PATIENCE),
        "INVALID_REQUEST",
        "'member' has to be given");
    isRefused(
        () -> client.reload(ReloadRequest.newBuilder().setMember("a/b").build(), PATIENCE),
        "INVALID_REQUEST",
        "'a/b' is no name of a member");
    isRefused(
        () ->
            client.reinitialize(ReinitializeRequest.newBuilder().setMember("a").build(), PATIENCE),
        "MEMBER_IS_PRIMARY",
        "is the primary");
    isRefused(
        () -> client.cancel(CancelRequest.newBuilder().setSlot("primary").build(), PATIENCE),
        "NOTHING_TO_CANCEL",
        "no unfinished primary wish");
  }

  @Test
  void aScheduledWishIsShownAndCanBeTakenBack() {
    Operation asked =
        join(
            client.restart(
                RestartRequest.newBuilder()
                    .setMember("b")
                    .setScheduledAt("2030-01-01T00:00:00+01:00")
                    .build(),
                PATIENCE));
    assertThat(asked.getScheduledAt()).isEqualTo("2029-12-31T23:00:00Z");
    isRefused(
        () -> client.restart(RestartRequest.newBuilder().setMember("b").build(), PATIENCE),
        "ALREADY_IN_PROGRESS",
        "take it back first");
    Operation cancelled =
        join(
            client.cancel(
                CancelRequest.newBuilder().setSlot("restart/b").setId(asked.getId()).build(),
                PATIENCE));
    assertThat(cancelled.getState()).isEqualTo(Operation.State.CANCELLED);
  }

  @Test
  void pauseIsWrittenIntoTheConfiguration() {
    var _ = join(client.pause(PATIENCE));
    assertThat(join(client.config(PATIENCE)).getJson()).contains("\"pause\":true");
    var _ = join(client.resume(PATIENCE));
    assertThat(join(client.config(PATIENCE)).getJson()).doesNotContain("\"pause\":true");
  }

  @Test
  void thePresentIsExplained() {
    Explanation explanation = join(client.explain(ExplainRequest.getDefaultInstance(), PATIENCE));
    assertThat(explanation.getMember()).isEqualTo("a");
    assertThat(explanation.getPresent().getRoleList().getFirst())
        .startsWith("a is the primary: it holds the lease of epoch 7");
    assertThat(explanation.getPresent().getStandingsList()).hasSize(1);
    assertThat(explanation.getPresent().getStandings(0).getMember()).isEqualTo("b");
    assertThat(explanation.getPresent().getStandings(0).getRefusal()).isEmpty();
    assertThat(explanation.getPresent().getStandings(0).getLoss()).startsWith("nothing");
  }

  @Test
  void aPastFailoverIsExplained() {
    cluster.close();
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
    Explanation.Past past =
        join(client.explain(ExplainRequest.newBuilder().setFailover(1).build(), PATIENCE))
            .getPast();
    assertThat(past.getFailover().getEpoch()).isEqualTo(7);
    assertThat(past.getFailover().getOldPrimary()).isEqualTo("c");
    assertThat(
            join(client.explain(ExplainRequest.newBuilder().setEpoch(7).build(), PATIENCE))
                .getPast())
        .isEqualTo(past);
    for (ExplainRequest request :
        List.of(
            ExplainRequest.newBuilder().setFailover(2).build(),
            ExplainRequest.newBuilder().setFailover(0).build(),
            ExplainRequest.newBuilder().setEpoch(8).build())) {
      isRefused(
          () -> client.explain(request, PATIENCE),
          "NO_SUCH_FAILOVER",
          "no report of that failover is kept: 1 are");
    }
  }

  private void write(String member, int slot, String text) {
    var _ =
        agent
            .store
            .txn(
                Txn.of(
                    Op.put(
                        Bytes.utf8("/service/demo/quorate/journal/" + member + "/" + slot),
                        Bytes.utf8(
                            "{\"format\":1,\"batch\":"
                                + slot
                                + ",\"entries\":[{\"at\":\"2026-11-22T18:00:0"
                                + slot
                                + "Z\",\"kind\":\"DECISION\",\"code\":\"FOLLOWING\",\"text\":\""
                                + text
                                + "\"}]}"))),
                Principal.MEMBER)
            .toCompletableFuture()
            .join();
  }

  @Test
  void theJournalIsFollowed() throws InterruptedException {
    write("b", 2, "second");
    write("a", 1, "first");
    BlockingQueue<JournalEntry> seen = new LinkedBlockingQueue<>();
    client.watchJournal(false, seen::add, _ -> {});
    assertThat(text(seen)).isEqualTo("first");
    assertThat(text(seen)).isEqualTo("second");
    write("a", 3, "third");
    assertThat(text(seen)).isEqualTo("third");
  }

  private static String text(BlockingQueue<JournalEntry> seen) throws InterruptedException {
    JournalEntry entry = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(entry).isNotNull();
    return entry.getText();
  }
}
