package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Renewal;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.local.LocalStore;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Finding F12: the keys of the cluster, and the lease under the leader's, are the members' own. */
final class KeyGuardTest {

  private static final ClusterKeys KEYS = new ClusterKeys("service", "demo");
  private static final LeaseId LEASE = new LeaseId(7);

  private final LocalStore store =
      new LocalStore("db1", () -> new BootTime(1), (_, _) -> () -> {}, Runnable::run);
  private final KeyGuard guard =
      new KeyGuard(store, (_, _) -> () -> {}, Runnable::run, KEYS.prefix());

  @Test
  void clientsWriteNoKeyOfTheClusterOnceItIsGuarded() {
    Txn steal = Txn.of(Op.put(KEYS.leader(), Bytes.utf8("db9")));
    assertThat(now(store.txn(steal, Principal.CLIENT))).isInstanceOf(Outcome.Done.class);
    guard.start();
    assertThat(guard.guarded().toCompletableFuture()).isDone();
    assertThat(now(store.txn(steal, Principal.CLIENT)))
        .isEqualTo(new Outcome.NotDone<>(StoreError.PERMISSION_DENIED));
    Txn all = Txn.of(new Op.DeleteRange(Bytes.utf8("/"), Bytes.utf8("0"), false));
    assertThat(now(store.txn(all, Principal.CLIENT)))
        .isEqualTo(new Outcome.NotDone<>(StoreError.PERMISSION_DENIED));
    assertThat(now(store.txn(steal, Principal.MEMBER))).isInstanceOf(Outcome.Done.class);
    Txn own = Txn.of(Op.put(Bytes.utf8("/service/demo2/key"), Bytes.EMPTY));
    assertThat(now(store.txn(own, Principal.CLIENT))).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void clientsNeitherEndNorExtendTheLeaseUnderTheLeadersKey() {
    guard.start();
    now(store.grantLease(LEASE, Duration.ofSeconds(3), Principal.MEMBER));
    now(store.txn(Txn.of(Op.put(KEYS.leader(), Bytes.EMPTY, LEASE)), Principal.MEMBER));
    assertThat(now(store.keepAlive(LEASE, Principal.CLIENT))).isInstanceOf(Renewal.Denied.class);
    assertThat(now(store.revokeLease(LEASE, Principal.CLIENT)))
        .isEqualTo(new Outcome.NotDone<>(StoreError.PERMISSION_DENIED));
    assertThat(now(store.keepAlive(LEASE, Principal.MEMBER))).isInstanceOf(Renewal.Renewed.class);
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
