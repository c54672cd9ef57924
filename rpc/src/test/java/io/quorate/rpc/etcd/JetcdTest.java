package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import io.etcd.jetcd.watch.WatchEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The Java client of etcd's users against three members. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JetcdTest {

  private EtcdCluster cluster;
  private Client client;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    cluster = EtcdCluster.start(dir, 3);
    client =
        Client.builder()
            .endpoints(
                cluster
                    .endpoints()
                    .lines()
                    .flatMap(all -> Stream.of(all.split(",", -1)))
                    .map(endpoint -> "http://" + endpoint)
                    .toArray(String[]::new))
            .build();
  }

  @AfterAll
  void stop() {
    client.close();
    cluster.close();
  }

  @Test
  void keysComeAndGo() {
    now(client.getKVClient().put(b("kv/a"), b("1")));
    assertThat(
            now(client
                    .getKVClient()
                    .put(b("kv/a"), b("2"), PutOption.builder().withPrevKV().build()))
                .getPrevKv()
                .getValue())
        .isEqualTo(b("1"));
    now(client.getKVClient().put(b("kv/b"), b("3")));
    GetResponse all =
        now(
            client
                .getKVClient()
                .get(
                    b("kv/"),
                    GetOption.builder()
                        .isPrefix(true)
                        .withSortField(GetOption.SortTarget.MOD)
                        .withSortOrder(GetOption.SortOrder.DESCEND)
                        .build()));
    assertThat(all.getKvs()).extracting(KeyValue::getKey).containsExactly(b("kv/b"), b("kv/a"));
    assertThat(
            now(client
                    .getKVClient()
                    .get(b("kv/"), GetOption.builder().isPrefix(true).withCountOnly(true).build()))
                .getCount())
        .isEqualTo(2);
    assertThat(
            now(client
                    .getKVClient()
                    .delete(b("kv/"), DeleteOption.builder().isPrefix(true).build()))
                .getDeleted())
        .isEqualTo(2);
  }

  @Test
  void transactionsCompareAndNest() {
    Cmp absent = new Cmp(b("txn/a"), Cmp.Op.EQUAL, CmpTarget.version(0));
    Op put = Op.put(b("txn/a"), b("1"), PutOption.DEFAULT);
    Op get = Op.get(b("txn/a"), GetOption.DEFAULT);
    TxnResponse first =
        now(client.getKVClient().txn().If(absent).Then(put, get).Else(get).commit());
    assertThat(first.isSucceeded()).isTrue();
    assertThat(first.getGetResponses().getFirst().getKvs().getFirst().getValue()).isEqualTo(b("1"));
    Op nested = Op.txn(new Cmp[] {absent}, new Op[] {put}, new Op[] {get});
    TxnResponse second = now(client.getKVClient().txn().Then(nested).commit());
    assertThat(second.getTxnResponses().getFirst().isSucceeded()).isFalse();
  }

  @Test
  void leasesAreKeptAliveAndTheirKeysGoWithThem() throws InterruptedException {
    long id = now(client.getLeaseClient().grant(60)).getID();
    now(
        client
            .getKVClient()
            .put(b("lease/a"), b("1"), PutOption.builder().withLeaseId(id).build()));
    BlockingQueue<LeaseKeepAliveResponse> kept = new LinkedBlockingQueue<>();
    try (CloseableClient _ = client.getLeaseClient().keepAlive(id, Observers.observer(kept::add))) {
      assertThat(kept.poll(30, TimeUnit.SECONDS))
          .isNotNull()
          .extracting(LeaseKeepAliveResponse::getTTL)
          .isEqualTo(60L);
    }
    assertThat(now(client.getLeaseClient().keepAliveOnce(id)).getTTL()).isEqualTo(60);
    assertThat(
            now(client
                    .getLeaseClient()
                    .timeToLive(id, LeaseOption.builder().withAttachedKeys().build()))
                .getKeys())
        .containsExactly(b("lease/a"));
    now(client.getLeaseClient().revoke(id));
    assertThat(now(client.getKVClient().get(b("lease/a"))).getKvs()).isEmpty();
  }

  @Test
  void watchesSeeEveryChangeOnceAndInOrder() throws InterruptedException {
    long before = now(client.getKVClient().put(b("watch/0"), b("x"))).getHeader().getRevision();
    BlockingQueue<WatchEvent> seen = new LinkedBlockingQueue<>();
    WatchOption fromThere =
        WatchOption.builder().isPrefix(true).withRevision(before).withPrevKV(true).build();
    try (var _ =
        client
            .getWatchClient()
            .watch(b("watch/"), fromThere, response -> seen.addAll(response.getEvents()))) {
      for (int i = 1; i <= 50; i++) {
        now(client.getKVClient().put(b("watch/" + i % 7), b(Integer.toString(i))));
      }
      now(client.getKVClient().delete(b("watch/0")));
      long last = 0;
      for (int i = 0; i <= 51; i++) {
        WatchEvent event = seen.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("event %s", i).isNotNull();
        long revision = event.getKeyValue().getModRevision();
        assertThat(revision).isGreaterThan(last);
        last = revision;
        if (i == 51) {
          assertThat(event.getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
          assertThat(event.getPrevKV().getValue()).isEqualTo(b("49"));
        }
      }
    }
  }

  @Test
  void watchFromWhatIsCompactedFailsAsClientsExpect() throws InterruptedException {
    long first = now(client.getKVClient().put(b("gone/a"), b("1"))).getHeader().getRevision();
    now(client.getKVClient().put(b("gone/a"), b("2")));
    now(client.getKVClient().compact(first + 1));
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    WatchOption old = WatchOption.builder().withRevision(first).build();
    try (var _ =
        client.getWatchClient().watch(b("gone/a"), old, _ -> {}, failures::add, () -> {})) {
      assertThat(failures.poll(30, TimeUnit.SECONDS)).isInstanceOf(CompactedException.class);
    }
    assertThatThrownBy(() ->
            now(
                client
                    .getKVClient()
                    .get(b("gone/a"), GetOption.builder().withRevision(first).build())))
        .hasMessageContaining("etcdserver: mvcc: required revision has been compacted");
  }

  private static ByteSequence b(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static <T> T now(CompletableFuture<T> future) {
    try {
      return future.get(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
