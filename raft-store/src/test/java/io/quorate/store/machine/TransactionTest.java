package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static io.quorate.store.machine.MachineDriver.done;
import static io.quorate.store.machine.MachineDriver.refusal;
import static io.quorate.store.machine.MachineDriver.rev;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.Compare.Relation;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.RangeQuery;
import io.quorate.store.StoreError.Code;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** etcd's transactions: order of evaluation, visibility, refusals. */
class TransactionTest {
  private final MachineDriver driver = new MachineDriver();

  @Test
  void choosesTheBranchByAllCompares() {
    driver.put("a", "1");
    Txn txn =
        new Txn(
            List.of(
                Compare.hasValue(b("a"), b("1")),
                Compare.absent(b("x")),
                Compare.modifiedAt(b("a"), rev(2)),
                Compare.createdAt(b("a"), rev(2))),
            List.of(Op.put(b("then"), b(""))),
            List.of(Op.put(b("else"), b(""))));
    assertThat(driver.done(txn).succeeded()).isTrue();
    driver.put("a", "2");
    TxnResult second = driver.done(txn);
    assertThat(second.succeeded()).isFalse();
    assertThat(second.revision()).isEqualTo(rev(5));
    assertThat(driver.all()).extracting(kv -> kv.key().toUtf8()).contains("then", "else");
  }

  @Test
  void absentKeyComparesAsZeroButHasNoValue() {
    assertThat(succeeds(new Compare.ByVersion(b("x"), Bytes.EMPTY, Relation.EQUAL, 0))).isTrue();
    assertThat(succeeds(new Compare.ByLease(b("x"), Bytes.EMPTY, Relation.EQUAL, LeaseId.NONE)))
        .isTrue();
    assertThat(succeeds(new Compare.ByValue(b("x"), Bytes.EMPTY, Relation.NOT_EQUAL, b("1"))))
        .isFalse();
    assertThat(succeeds(new Compare.ByValue(b("x"), Bytes.EMPTY, Relation.EQUAL, Bytes.EMPTY)))
        .isFalse();
  }

  @Test
  void compareOfARangeMustHoldForEveryKey() {
    driver.put("a", "1");
    driver.put("b", "1");
    Compare young = new Compare.ByModRevision(b("a"), b("c"), Relation.GREATER, rev(1));
    assertThat(succeeds(young)).isTrue();
    Compare second = new Compare.ByModRevision(b("a"), b("c"), Relation.GREATER, rev(2));
    assertThat(succeeds(second)).isFalse();
    assertThat(succeeds(new Compare.ByVersion(b("x"), b("z"), Relation.EQUAL, 0))).isTrue();
  }

  @Test
  void nestedCompareSeesTheStoreAsItWasBeforeTheTransaction() {
    Txn inner =
        new Txn(
            List.of(Compare.absent(b("a"))),
            List.of(Op.put(b("inner"), b("then"))),
            List.of(Op.put(b("inner"), b("else"))));
    TxnResult result = driver.done(Txn.of(Op.put(b("a"), b("1")), new Op.Nested(inner)));
    OpResult.Nested nested = (OpResult.Nested) result.results().get(1);
    assertThat(nested.succeeded()).isTrue();
    assertThat(driver.state().find(b("inner")).orElseThrow().value()).isEqualTo(b("then"));
  }

  @Test
  void readSeesWhatTheTransactionDidBeforeItAndOldReadDoesNot() {
    driver.put("a", "1");
    RangeQuery now = RangeQuery.key(b("a"));
    RangeQuery then =
        new RangeQuery(
            now.key(),
            now.rangeEnd(),
            0,
            rev(2),
            now.sortOrder(),
            now.sortTarget(),
            false,
            false,
            rev(0),
            rev(0),
            rev(0),
            rev(0));
    List<OpResult> results =
        driver
            .done(Txn.of(Op.get(now), Op.put(b("a"), b("2")), Op.get(now), Op.get(then)))
            .results();
    assertThat(value(results.get(0))).isEqualTo(b("1"));
    assertThat(value(results.get(2))).isEqualTo(b("2"));
    assertThat(value(results.get(3))).isEqualTo(b("1"));
    assertThat(((OpResult.Range) results.get(0)).revision()).isEqualTo(rev(2));
    assertThat(((OpResult.Range) results.get(2)).revision()).isEqualTo(rev(3));
  }

  @Test
  void changesOfOneTransactionShareARevisionAndKeepTheirOrder() {
    driver.put("c", "0");
    Applied applied =
        driver.txn(
            Txn.of(
                Op.put(b("b"), b("1")),
                Op.delete(b("c")),
                new Op.Nested(Txn.of(Op.put(b("a"), b("2"))))));
    assertThat(applied.events()).hasSize(3);
    KeyValue first = new KeyValue(b("b"), b("1"), rev(3), rev(3), 1, LeaseId.NONE);
    KeyValue gone = new KeyValue(b("c"), b("0"), rev(2), rev(2), 1, LeaseId.NONE);
    KeyValue last = new KeyValue(b("a"), b("2"), rev(3), rev(3), 1, LeaseId.NONE);
    assertThat(applied.events())
        .containsExactly(
            new WatchEvent.Put(first, Optional.empty()),
            new WatchEvent.Delete(b("c"), rev(3), Optional.of(gone)),
            new WatchEvent.Put(last, Optional.empty()));
  }

  @Test
  void keepsValueOrLeaseWhereAsked() {
    driver.grant(7, 5_000);
    driver.put("a", "1", 7);
    Op keepLease = new Op.Put(b("a"), b("2"), LeaseId.NONE, true, false, true);
    List<OpResult> results = driver.done(Txn.of(keepLease)).results();
    assertThat(((OpResult.Put) results.getFirst()).previous().orElseThrow().value())
        .isEqualTo(b("1"));
    Op keepValue = new Op.Put(b("a"), Bytes.EMPTY, LeaseId.NONE, false, true, false);
    assertThat(driver.state().find(b("a")).orElseThrow().lease()).isEqualTo(new LeaseId(7));
    assertThat(driver.done(Txn.of(keepValue)).results())
        .containsExactly(new OpResult.Put(Optional.empty()));
    KeyValue after = driver.state().find(b("a")).orElseThrow();
    assertThat(after.value()).isEqualTo(b("2"));
    assertThat(after.lease()).isEqualTo(LeaseId.NONE);
    Op absent = new Op.Put(b("x"), Bytes.EMPTY, LeaseId.NONE, false, true, false);
    assertThat(refusal(driver.txn(Txn.of(absent)))).isEqualTo(Code.KEY_NOT_FOUND);
  }

  @Test
  void deleteAnswersWhatItDeleted() {
    driver.put("a", "1");
    driver.put("b", "2");
    OpResult.DeleteRange deleted =
        (OpResult.DeleteRange)
            driver.done(Txn.of(new Op.DeleteRange(b("a"), b("\0"), true))).results().getFirst();
    assertThat(deleted.deleted()).isEqualTo(2);
    assertThat(deleted.previous()).extracting(kv -> kv.key().toUtf8()).containsExactly("a", "b");
    assertThat(driver.all()).isEmpty();
    assertThat(driver.state().bytes()).isZero();
  }

  @Test
  void noKeyIsWrittenTwice() {
    Op put = Op.put(b("k"), b("1"));
    Op delete = Op.delete(b("k"));
    Op deleteRange = new Op.DeleteRange(b("a"), b("\0"), false);
    Op nestedPut = new Op.Nested(Txn.of(put));
    Op nestedDelete = new Op.Nested(Txn.of(delete));
    assertDuplicate(put, put);
    assertDuplicate(put, delete);
    assertDuplicate(deleteRange, put);
    assertDuplicate(put, nestedPut);
    assertDuplicate(nestedPut, nestedPut);
    assertDuplicate(nestedDelete, put);
    assertDuplicate(nestedPut, nestedDelete);
    assertDuplicate(new Op.Nested(new Txn(List.of(), List.of(), List.of(put, delete))));
  }

  @Test
  void branchesThatExcludeEachOtherMayWriteTheSameKey() {
    Op put = Op.put(b("k"), b("1"));
    Op delete = Op.delete(b("k"));
    Op either = new Op.Nested(new Txn(List.of(), List.of(put), List.of(delete)));
    assertThat(driver.done(new Txn(List.of(), List.of(either), List.of(put))).succeeded()).isTrue();
    assertThat(driver.done(Txn.of(delete, delete)).results()).hasSize(2);
  }

  @Test
  void transactionThatChangesNothingHasNoRevisionOfItsOwn() {
    driver.put("a", "1");
    Applied applied = driver.txn(Txn.of(Op.delete(b("x")), Op.get(RangeQuery.key(b("a")))));
    assertThat(done(applied).revision()).isEqualTo(rev(2));
    assertThat(applied.events()).isEmpty();
  }

  private void assertDuplicate(Op... ops) {
    assertThat(refusal(driver.txn(Txn.of(ops)))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(driver.all()).isEmpty();
  }

  private boolean succeeds(Compare compare) {
    return driver.done(Txn.when(List.of(compare), List.of())).succeeded();
  }

  private static Bytes value(OpResult result) {
    return ((OpResult.Range) result).keys().getFirst().value();
  }
}
