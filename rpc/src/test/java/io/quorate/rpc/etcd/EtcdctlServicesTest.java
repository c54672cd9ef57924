package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.StoreFacts;
import io.quorate.store.Txn;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.raft.RaftStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What etcd's own client has beside keys: leases, watches, locks, maintenance. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EtcdctlServicesTest {

  private EtcdCluster cluster;
  private Etcdctl etcdctl;
  private Path dir;

  @BeforeAll
  void start(@TempDir Path temp) throws IOException {
    dir = temp;
    cluster = EtcdCluster.start(temp, 3);
    etcdctl = new Etcdctl(cluster.endpoints());
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private String grant() {
    String granted = etcdctl.run("lease", "grant", "60").ok();
    assertThat(granted).matches("lease [0-9a-f]+ granted with TTL\\(60s\\)\n");
    return granted.split(" ", -1)[1];
  }

  @Test
  void leasesLiveTheirLifeAtEveryMember() {
    String lease = grant();
    etcdctl.run("put", "lease/a", "1", "--lease=" + lease).ok();
    for (int i = 0; i < 3; i++) {
      Etcdctl member = new Etcdctl("127.0.0.1:" + cluster.port(i));
      assertThat(member.run("lease", "timetolive", lease, "--keys").ok())
          .matches(
              "lease "
                  + lease
                  + " granted with TTL\\(60s\\), remaining\\([0-9]+s\\),"
                  + " attached keys\\(\\[lease/a\\]\\)\n");
      assertThat(member.run("lease", "keep-alive", "--once", lease).ok())
          .isEqualTo("lease " + lease + " keepalived with TTL(60)\n");
      assertThat(member.run("lease", "list").ok()).contains(lease);
    }
    assertThat(etcdctl.run("lease", "revoke", lease).ok())
        .isEqualTo("lease " + lease + " revoked\n");
    assertThat(etcdctl.run("get", "lease/a").ok()).isEmpty();
    assertThat(etcdctl.run("lease", "timetolive", lease).ok())
        .isEqualTo("lease " + lease + " already expired\n");
    assertThat(etcdctl.run("lease", "revoke", lease).error())
        .isEqualTo("Error: failed to revoke lease (etcdserver: requested lease not found)");
  }

  @Test
  void leasesThatHoldWhatMembersKeepAreOutOfReach() {
    String lease = grant();
    long id = Long.parseUnsignedLong(lease, 16);
    var take =
        io.quorate.store.Txn.of(
            io.quorate.store.Op.put(
                io.quorate.store.Bytes.utf8(EtcdCluster.GUARDED + "leader"),
                io.quorate.store.Bytes.EMPTY,
                new io.quorate.store.LeaseId(id)));
    assertThat(
            cluster
                .store(0)
                .txn(take, io.quorate.store.Principal.MEMBER)
                .toCompletableFuture()
                .join())
        .isInstanceOf(io.quorate.store.Outcome.Done.class);
    assertThat(etcdctl.run("lease", "revoke", lease).error())
        .isEqualTo("Error: failed to revoke lease (etcdserver: permission denied)");
    assertThat(etcdctl.run("lease", "keep-alive", "--once", lease).error())
        .contains("etcdserver: permission denied");
  }

  @Test
  void watchesTellChangesAsTheyCome() throws IOException {
    Process watch = etcdctl.start("watch", "watch/", "--prefix", "--prev-kv");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
      // The first change that is seen may be any of these.
      AtomicBoolean seen = new AtomicBoolean();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                while (watch.isAlive() && !seen.get()) {
                  etcdctl.run("put", "watch/a", "begin").ok();
                }
              });
      assertThat(lines.readLine()).isEqualTo("PUT");
      seen.set(true);
      join(writer);
      etcdctl.run("put", "watch/b", "1").ok();
      etcdctl.run("del", "watch/b").ok();
      String line = lines.readLine();
      while (!"watch/b".equals(line)) {
        line = lines.readLine();
      }
      assertThat(List.of(lines.readLine(), lines.readLine(), lines.readLine(), lines.readLine()))
          .containsExactly("1", "DELETE", "watch/b", "1");
    } finally {
      watch.destroy();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void locksAndElectsWithLeasesAndTransactions() {
    assertThat(etcdctl.run("lock", "mutex", "echo", "held").ok()).isEqualTo("held\n");
    Process leader = etcdctl.start("elect", "office", "one");
    try {
      EtcdCluster.await(() -> etcdctl.run("get", "office", "--prefix").ok().contains("one"));
    } finally {
      leader.destroy();
    }
  }

  /** Values as large as allowed, up to the last that goes in; one more does not. */
  @Test
  void aFullStoreRaisesItsAlarmAndTakesItBackWhenThereIsRoom() {
    RaftStore store = cluster.store(cluster.leader());
    StoreFacts empty = store.facts();
    Bytes value = Bytes.of(new byte[empty.valueBytes()]);
    long fits =
        (empty.quotaBytes() - empty.bytes()) / (value.size() + StoreLimits.KEY_OVERHEAD_BYTES + 16);
    for (int i = 0; i < fits - 1; i++) {
      assertThat(put(store, "full/" + i, value)).isInstanceOf(Outcome.Done.class);
    }
    int more = 0;
    while (put(store, "more/" + more, value) instanceof Outcome.Done) {
      more++;
    }
    assertThat(more).isLessThan(3);
    assertThat(etcdctl.run("put", "one", "more").ok()).isEqualTo("OK\n");
    assertThat(put(store, "again", value))
        .isInstanceOfSatisfying(
            Outcome.NotDone.class,
            refused -> assertThat(refused.toString()).contains("database space exceeded"));
    assertThat(etcdctl.run("alarm", "list").ok()).contains("alarm:NOSPACE");

    assertThat(etcdctl.run("del", "--prefix", "full/").ok()).isEqualTo((fits - 1) + "\n");
    assertThat(etcdctl.run("alarm", "disarm").ok()).isEmpty();
    EtcdCluster.await(() -> etcdctl.run("alarm", "list").ok().isEmpty());
    assertThat(put(store, "again", value)).isInstanceOf(Outcome.Done.class);
    etcdctl.run("del", "--prefix", "more/").ok();
  }

  private static Outcome<?> put(RaftStore store, String key, Bytes value) {
    return store
        .txn(Txn.of(Op.put(Bytes.utf8(key), value)), Principal.CLIENT)
        .toCompletableFuture()
        .join();
  }

  @Test
  void membersAndTheirStateAreShown() {
    assertThat(etcdctl.run("member", "list").ok().lines())
        .hasSize(3)
        .allMatch(line -> line.contains(", started, db") && line.endsWith(", false"));
    assertThat(etcdctl.run("endpoint", "health").err())
        .contains("is healthy")
        .doesNotContain("unhealthy");
    List<String> states = etcdctl.run("endpoint", "status", "--cluster").ok().lines().toList();
    assertThat(states).hasSize(3);
    assertThat(states).filteredOn(line -> line.contains(", true, false,")).hasSize(1);
    EtcdCluster.await(() ->
        etcdctl
                .run("endpoint", "hashkv")
                .ok()
                .lines()
                .map(line -> line.split(", ", -1)[1])
                .distinct()
                .count()
            == 1);
    assertThat(etcdctl.run("alarm", "list").ok()).isEmpty();
    assertThat(etcdctl.run("alarm", "disarm").ok()).isEmpty();
    assertThat(etcdctl.run("defrag").ok().lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith("Finished defragmenting"));
    String id =
        etcdctl
            .run("member", "list")
            .ok()
            .lines()
            .filter(line -> line.contains(", db" + (cluster.follower() + 1) + ","))
            .findFirst()
            .orElseThrow()
            .split(", ", -1)[0];
    assertThat(etcdctl.run("move-leader", id).ok()).contains("Leadership transferred from");
    assertThat(etcdctl.run("move-leader", "1").error())
        .isEqualTo("Error: etcdserver: bad leader transferee");
  }

  @Test
  void whatIsNotServedIsAnsweredByName() {
    assertThat(etcdctl.run("member", "add", "x", "--peer-urls=http://127.0.0.1:1").error())
        .contains("etcdserverpb.Cluster/MemberAdd is not served: members of the store are changed");
    assertThat(etcdctl.run("user", "list").error())
        .contains("etcdserverpb.Auth/UserList is not served: authentication is not enabled");
    assertThat(etcdctl.run("auth", "enable").error()).contains("is not served");
    Etcdctl one = new Etcdctl("127.0.0.1:" + cluster.port(0));
    assertThat(one.run("snapshot", "save", dir.resolve("snapshot.db").toString()).error())
        .contains("snapshot files in etcd's format are not served");
    // A client that has a password goes on without it, as with an etcd without authentication.
    assertThat(etcdctl.run("--user=a:b", "put", "auth/a", "1").ok()).isEqualTo("OK\n");
  }
}
