package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static io.quorate.store.machine.MachineDriver.refusal;
import static io.quorate.store.machine.MachineDriver.rev;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.invariant.InvariantViolation;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.WatchEvent;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreMachineTest {
  private final MachineDriver driver = new MachineDriver();

  @Test
  void emptyStoreHasRevisionOneAndEachWriteAddsOne() {
    assertThat(driver.state().revision()).isEqualTo(rev(1));
    assertThat(driver.put("a", "1").revision()).isEqualTo(rev(2));
    assertThat(driver.put("a", "2").revision()).isEqualTo(rev(3));
    assertThat(driver.delete("nothing").revision()).isEqualTo(rev(3));
    assertThat(driver.all())
        .containsExactly(new KeyValue(b("a"), b("2"), rev(2), rev(3), 2, LeaseId.NONE));
  }

  @Test
  void deletedAndPutAgainBeginsAnew() {
    driver.put("a", "1");
    driver.delete("a");
    Applied again = driver.put("a", "2");
    KeyValue created = new KeyValue(b("a"), b("2"), rev(4), rev(4), 1, LeaseId.NONE);
    assertThat(again.events()).containsExactly(new WatchEvent.Put(created, Optional.empty()));
  }

  @Test
  void refusedTransactionLeavesNothingBehind() {
    driver.put("a", "1");
    long hash = driver.state().contentHash();
    Applied refused =
        driver.txn(
            Txn.of(
                Op.put(b("b"), b("2")),
                new Op.Put(b("c"), b("3"), new LeaseId(9), false, false, false)));
    assertThat(refusal(refused)).isEqualTo(StoreError.Code.LEASE_NOT_FOUND);
    assertThat(refused.events()).isEmpty();
    assertThat(driver.state().contentHash()).isEqualTo(hash);
  }

  @Test
  void logThatGoesBackIsAMistake() {
    driver.put("a", "1");
    assertThatThrownBy(
            () -> driver.machine().apply(new StoreCommand.OpenSession(), driver.term(), 1))
        .isInstanceOf(InvariantViolation.class);
  }
}
