package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** etcd's own client against three members. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EtcdctlKvTest {

  private EtcdCluster cluster;
  private Etcdctl etcdctl;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    cluster = EtcdCluster.start(dir, 3);
    etcdctl = new Etcdctl(cluster.endpoints());
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void putsGetsAndDeletesAtEveryMember() {
    for (int i = 0; i < 3; i++) {
      Etcdctl member = new Etcdctl("127.0.0.1:" + cluster.port(i));
      assertThat(member.run("put", "each/a", "one").ok()).isEqualTo("OK\n");
      assertThat(member.run("get", "each/a").ok()).isEqualTo("each/a\none\n");
      assertThat(member.run("get", "each/a", "--consistency=s").ok()).isEqualTo("each/a\none\n");
      assertThat(member.run("put", "each/a", "two", "--prev-kv").ok())
          .isEqualTo("OK\neach/a\none\n");
      assertThat(member.run("del", "each/a", "--prev-kv").ok()).isEqualTo("1\neach/a\ntwo\n");
      assertThat(member.run("get", "each/a").ok()).isEmpty();
    }
  }

  @Test
  void readsRangesInEveryOrder() {
    for (String key : new String[] {"b", "a", "c"}) {
      etcdctl.run("put", "order/" + key, "v" + key).ok();
    }
    assertThat(etcdctl.run("get", "order/", "--prefix", "--keys-only").ok())
        .isEqualTo("order/a\n\norder/b\n\norder/c\n\n");
    assertThat(etcdctl.run("get", "order/", "--prefix", "--sort-by=MODIFY", "--order=DESCEND").ok())
        .isEqualTo("order/c\nvc\norder/a\nva\norder/b\nvb\n");
    assertThat(etcdctl.run("get", "order/a", "order/c", "--print-value-only").ok())
        .isEqualTo("va\nvb\n");
    assertThat(etcdctl.run("get", "order/", "--prefix", "--limit=1").ok())
        .isEqualTo("order/a\nva\n");
    assertThat(etcdctl.run("get", "order/b", "--from-key", "--limit=2").ok())
        .isEqualTo("order/b\nvb\norder/c\nvc\n");
  }

  @Test
  void runsTransactions() {
    etcdctl.run("put", "txn/a", "1").ok();
    String input = "value(\"txn/a\") = \"1\"\n\nput txn/b 2\nget txn/a\n\nget txn/a\n\n";
    assertThat(etcdctl.runWith(input, "txn").ok()).isEqualTo("SUCCESS\n\nOK\n\ntxn/a\n1\n");
    String other = "mod(\"txn/a\") > \"999999\"\n\nput txn/b 2\n\ndel txn/b\n\n";
    assertThat(etcdctl.runWith(other, "txn").ok()).isEqualTo("FAILURE\n\n1\n");
  }

  @Test
  void oldRevisionsCanBeReadUntilTheyAreCompacted() {
    etcdctl.run("put", "old/a", "1").ok();
    long first = cluster.store(cluster.leader()).facts().revision().value();
    etcdctl.run("put", "old/a", "2").ok();
    assertThat(etcdctl.run("get", "old/a", "--rev=" + first).ok()).isEqualTo("old/a\n1\n");
    assertThat(etcdctl.run("compact", Long.toString(first + 1)).ok())
        .isEqualTo("compacted revision " + (first + 1) + "\n");
    assertThat(etcdctl.run("get", "old/a", "--rev=" + first).error())
        .isEqualTo("Error: etcdserver: mvcc: required revision has been compacted");
    assertThat(etcdctl.run("compact", "--physical", Long.toString(first + 1)).error())
        .isEqualTo("Error: etcdserver: mvcc: required revision has been compacted");
    assertThat(etcdctl.run("get", "old/a", "--rev=99999999").error())
        .isEqualTo("Error: etcdserver: mvcc: required revision is a future revision");
  }

  @Test
  void whatMembersKeepIsDenied() {
    assertThat(etcdctl.run("put", EtcdCluster.GUARDED + "leader", "x").error())
        .isEqualTo("Error: etcdserver: permission denied");
    assertThat(etcdctl.run("del", "/", "--prefix").error())
        .isEqualTo("Error: etcdserver: permission denied");
    assertThat(etcdctl.run("get", EtcdCluster.GUARDED, "--prefix").ok()).isEmpty();
  }

  @Test
  void refusalsHaveEtcdsTexts() {
    assertThat(etcdctl.run("put", "", "v").error())
        .isEqualTo("Error: etcdserver: key is not provided");
    assertThat(etcdctl.run("put", "absent/x", "--ignore-value").error())
        .isEqualTo("Error: etcdserver: key not found");
    assertThat(etcdctl.run("put", "x", "v", "--lease=1234").error())
        .isEqualTo("Error: etcdserver: requested lease not found");
    assertThat(etcdctl.runWith("x".repeat(600_000), "put", "large").error())
        .isEqualTo("Error: etcdserver: request is too large");
  }
}
