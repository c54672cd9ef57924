package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static io.quorate.store.machine.MachineDriver.done;
import static io.quorate.store.machine.MachineDriver.refusal;
import static io.quorate.store.machine.MachineDriver.rev;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError.Code;
import io.quorate.store.Txn;
import io.quorate.store.machine.StoreCommand.Compact;
import io.quorate.store.machine.StoreCommand.OpenSession;
import io.quorate.store.machine.StoreCommand.TxnCommand;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every bound, at it and one beyond; history and repeats, which bounds cut off. */
class BoundsTest {
  private final MachineDriver driver = new MachineDriver();

  @Test
  void valueMayHaveHalfAMebibyte() {
    int max = StoreLimits.DEFAULT.valueBytes();
    assertThat(max).isEqualTo(524_288);
    assertThat(put(max).result()).isInstanceOf(CommandResult.TxnDone.class);
    assertThat(refusal(put(max + 1))).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void requestMayHaveOneMebibyte() {
    Bytes half = Bytes.of(new byte[524_288]);
    Bytes less = Bytes.of(new byte[524_000]);
    assertThat(driver.txn(Txn.of(Op.put(b("a"), half), Op.put(b("b"), less))).result())
        .isInstanceOf(CommandResult.TxnDone.class);
    assertThat(refusal(driver.txn(Txn.of(Op.put(b("a"), half), Op.put(b("b"), half)))))
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void transactionMayHave128OperationsOrCompares() {
    assertThat(driver.txn(puts(128)).result()).isInstanceOf(CommandResult.TxnDone.class);
    assertThat(refusal(driver.txn(puts(129)))).isEqualTo(Code.INVALID_ARGUMENT);
    List<Compare> many = Collections.nCopies(129, Compare.absent(b("x")));
    assertThat(refusal(driver.txn(Txn.when(many, List.of())))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal(driver.txn(Txn.of(new Op.Nested(puts(128))))))
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void nestingGoesAsDeepAsOperationsLast() {
    assertThat(driver.txn(nested(127)).result()).isInstanceOf(CommandResult.TxnDone.class);
    assertThat(refusal(driver.txn(nested(128)))).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void readsOfOneTransactionMayAnswerEightMebibytes() {
    for (int i = 0; i < 16; i++) {
      driver.txn(Txn.of(Op.put(b("k" + i), Bytes.of(new byte[500_000]))));
    }
    Op all = Op.get(RangeQuery.prefix(b("k")));
    assertThat(driver.txn(Txn.of(all)).result()).isInstanceOf(CommandResult.TxnDone.class);
    Applied twice = driver.txn(Txn.of(Op.put(b("a"), b("1")), all, new Op.Nested(Txn.of(all))));
    assertThat(refusal(twice)).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(driver.state().find(b("a"))).isEmpty();
  }

  @Test
  void leaseLivesBetweenASecondAndEtcdsLongest() {
    assertThat(refusal(driver.grant(1, 999))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal(driver.grant(1, 9_000_000_000_001L))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal(driver.grant(0, 1_000))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(driver.grant(1, 1_000).result()).isInstanceOf(CommandResult.LeaseGranted.class);
    assertThat(driver.grant(-1, 9_000_000_000_000L).result())
        .isInstanceOf(CommandResult.LeaseGranted.class);
  }

  @Test
  void clientsLeaveLeasesAndRoomForMembers() {
    MachineDriver small = new MachineDriver(limits(1_500, 500, 50, 100_000), StoreRules.STRICT);
    for (int id = 1; id <= 10; id++) {
      assertThat(grant(small, id, Principal.CLIENT).result())
          .isInstanceOf(CommandResult.LeaseGranted.class);
    }
    assertThat(refusal(grant(small, 11, Principal.CLIENT))).isEqualTo(Code.NO_SPACE);
    for (int id = 11; id <= 10 + StoreLimits.RESERVED_LEASES; id++) {
      assertThat(grant(small, id, Principal.MEMBER).result())
          .isInstanceOf(CommandResult.LeaseGranted.class);
    }
    assertThat(refusal(grant(small, 75, Principal.MEMBER))).isEqualTo(Code.NO_SPACE);
  }

  @Test
  void clientsDoNotFillTheStoreWithLeases() {
    // Room for four leases and not for a fifth.
    MachineDriver small = new MachineDriver(limits(500, 500, 50, 100_000), StoreRules.STRICT);
    for (int id = 1; id <= 4; id++) {
      assertThat(grant(small, id, Principal.CLIENT).result())
          .isInstanceOf(CommandResult.LeaseGranted.class);
    }
    assertThat(refusal(grant(small, 5, Principal.CLIENT))).isEqualTo(Code.NO_SPACE);
    assertThat(grant(small, 5, Principal.MEMBER).result())
        .isInstanceOf(CommandResult.LeaseGranted.class);
  }

  private static Applied grant(MachineDriver driver, long id, Principal principal) {
    return driver.apply(new StoreCommand.GrantLease(new LeaseId(id), 3_000, principal));
  }

  @Test
  void fullStoreRefusesClientsBeforeMembersAndLetsBothDelete() {
    MachineDriver small = new MachineDriver(limits(1_000, 500, 50, 100_000), StoreRules.STRICT);
    Txn put = Txn.of(Op.put(b("a"), Bytes.of(new byte[500])));
    assertThat(done(small.txn(put, Principal.CLIENT)).succeeded()).isTrue();
    Txn more = Txn.of(Op.put(b("b"), Bytes.of(new byte[200])));
    assertThat(refusal(small.txn(more, Principal.CLIENT))).isEqualTo(Code.NO_SPACE);
    assertThat(done(small.txn(more, Principal.MEMBER)).succeeded()).isTrue();
    Txn tooMuch = Txn.of(Op.put(b("c"), Bytes.of(new byte[200])));
    assertThat(refusal(small.txn(tooMuch, Principal.MEMBER))).isEqualTo(Code.NO_SPACE);
    Txn smaller = Txn.of(Op.put(b("a"), Bytes.of(new byte[400])));
    assertThat(done(small.txn(smaller, Principal.CLIENT)).succeeded()).isTrue();
    assertThat(done(small.txn(Txn.of(Op.delete(b("a"))), Principal.CLIENT)).succeeded()).isTrue();
  }

  @Test
  void historyKeepsSoManyRevisionsAndIsReadableFromItsFirst() {
    MachineDriver small = new MachineDriver(limits(100_000, 0, 3, 100_000), StoreRules.STRICT);
    for (int i = 2; i <= 6; i++) {
      small.put("k", "v" + i);
    }
    assertThat(small.state().compactRevision()).isEqualTo(rev(4));
    assertThat(valueAt(small, 4)).contains("v4");
    assertThat(valueAt(small, 5)).contains("v5");
    assertThat(valueAt(small, 3)).contains("COMPACTED");
    assertThat(valueAt(small, 7)).contains("FUTURE_REVISION");
    assertThat(replay(small, 4)).containsExactly(4L, 5L, 6L);
    assertThat(replay(small, 3)).containsExactly(-4L);
    assertThat(replay(small, 9)).isEmpty();
  }

  @Test
  void historyKeepsSoManyBytesButAlwaysTheLatestRevision() {
    MachineDriver small = new MachineDriver(limits(100_000, 0, 50, 2_000), StoreRules.STRICT);
    for (int i = 0; i < 20; i++) {
      small.put("k", "v");
      assertThat(small.state().history().bytes()).isLessThanOrEqualTo(2_000);
    }
    small.txn(Txn.of(Op.put(b("k"), Bytes.of(new byte[10_000]))));
    assertThat(small.state().compactRevision()).isEqualTo(small.state().revision());
    assertThat(replay(small, 22)).containsExactly(22L);
  }

  @Test
  void compactionForgetsWhatLiesBefore() {
    driver.put("k", "v2");
    driver.delete("k");
    driver.put("k", "v4");
    assertThat(valueAt(driver, 3)).contains("absent");
    assertThat(driver.apply(new Compact(rev(3))).result())
        .isEqualTo(new CommandResult.Compacted(rev(3)));
    assertThat(valueAt(driver, 3)).contains("absent");
    assertThat(valueAt(driver, 2)).contains("COMPACTED");
    assertThat(replay(driver, 3)).containsExactly(3L, 4L);
    assertThat(refusal(driver.apply(new Compact(rev(3))))).isEqualTo(Code.COMPACTED);
    assertThat(refusal(driver.apply(new Compact(rev(5))))).isEqualTo(Code.FUTURE_REVISION);
    assertThat(refusal(driver.apply(new Compact(Revision.NONE)))).isEqualTo(Code.COMPACTED);
  }

  @Test
  void repeatIsAnsweredAndHasNoSecondEffect() {
    long session = open();
    Applied first = repeatable(session, 1, "1");
    assertThat(first.events()).hasSize(1);
    Applied again = repeatable(session, 1, "1");
    assertThat(again.result()).isEqualTo(first.result());
    assertThat(again.events()).isEmpty();
    assertThat(driver.state().find(b("k")).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void refusalStaysARefusal() {
    long session = open();
    TxnCommand needsLease =
        new TxnCommand(
            Txn.of(Op.put(b("k"), b("1"), new LeaseId(5))),
            Principal.MEMBER,
            Optional.of(new RequestId(session, 1)));
    assertThat(refusal(driver.apply(needsLease))).isEqualTo(Code.LEASE_NOT_FOUND);
    driver.grant(5, 1_000);
    assertThat(refusal(driver.apply(needsLease))).isEqualTo(Code.LEASE_NOT_FOUND);
    assertThat(driver.all()).isEmpty();
  }

  @Test
  void requestsOfASessionMayOvertakeEachOtherWithinItsWindow() {
    long session = open();
    int window = StoreLimits.DEFAULT.sessionWindow();
    for (int sequence = 2; sequence <= window + 1; sequence++) {
      repeatable(session, sequence, "v");
    }
    assertThat(repeatable(session, 1, "late").events()).hasSize(1); // still in the window
    repeatable(session, window + 2, "v");
    assertThat(repeatable(session, 1, "late").result()).isInstanceOf(CommandResult.Forgotten.class);
    assertThat(repeatable(session, 2, "v").result()).isInstanceOf(CommandResult.Forgotten.class);
    assertThat(repeatable(session, 3, "v").events()).isEmpty();
    assertThat(refusal(repeatable(session, 0, "v"))).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void longestUnusedSessionGivesWayAndNeverComesBack() {
    long first = open();
    long second = open();
    repeatable(first, 1, "1");
    for (int i = 2; i < StoreLimits.DEFAULT.sessions(); i++) {
      open();
    }
    open();
    assertThat(repeatable(second, 1, "2").result()).isInstanceOf(CommandResult.Forgotten.class);
    assertThat(repeatable(first, 1, "1").events()).isEmpty();
    assertThat(driver.state().find(b("k")).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void answerTooLargeToKeepIsForgottenButNotDoneAgain() {
    long session = open();
    TxnCommand reading =
        new TxnCommand(
            Txn.of(
                Op.put(b("k"), Bytes.of(new byte[StoreLimits.KEPT_ANSWER_BYTES])),
                Op.get(RangeQuery.key(b("k")))),
            Principal.MEMBER,
            Optional.of(new RequestId(session, 1)));
    assertThat(driver.apply(reading).events()).hasSize(1);
    Applied again = driver.apply(reading);
    assertThat(again.result()).isInstanceOf(CommandResult.Forgotten.class);
    assertThat(again.events()).isEmpty();
  }

  @Test
  void entryWithoutCommandMovesThePositionOnly() {
    driver.put("k", "1");
    long hash = driver.state().contentHash();
    driver.machine().skip(3, 9);
    assertThat(driver.state().position()).isEqualTo(new Position(3, 9));
    assertThat(driver.state().contentHash()).isEqualTo(hash);
    MachineDriver other = new MachineDriver();
    other.machine().restore(driver.state());
    assertThat(other.state()).isEqualTo(driver.state());
  }

  private long open() {
    return ((CommandResult.SessionOpened) driver.apply(new OpenSession()).result()).session();
  }

  private Applied repeatable(long session, long sequence, String value) {
    return driver.apply(
        new TxnCommand(
            Txn.of(Op.put(b("k"), b(value))),
            Principal.MEMBER,
            Optional.of(new RequestId(session, sequence))));
  }

  private Applied put(int bytes) {
    return driver.txn(Txn.of(Op.put(b("k"), Bytes.of(new byte[bytes]))));
  }

  private static Txn puts(int count) {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ops.add(Op.put(b("k" + i), b("")));
    }
    return Txn.when(List.of(), ops);
  }

  private static Txn nested(int depth) {
    Txn txn = Txn.of(Op.put(b("deep"), b("")));
    for (int i = 0; i < depth; i++) {
      txn = Txn.of(new Op.Nested(txn));
    }
    return txn;
  }

  private static StoreLimits limits(
      long quota, long reserve, int historyRevisions, long historyBytes) {
    return new StoreLimits(
        100_000, 200_000, 128, quota, reserve, 10, historyRevisions, historyBytes, 2, 2, 2);
  }

  private static String valueAt(MachineDriver driver, long revision) {
    RangeQuery now = RangeQuery.key(b("k"));
    RangeQuery query =
        new RangeQuery(
            now.key(),
            now.rangeEnd(),
            0,
            rev(revision),
            now.sortOrder(),
            now.sortTarget(),
            false,
            false,
            rev(0),
            rev(0),
            rev(0),
            rev(0));
    return switch (driver.state().range(query)) {
      case Outcome.Done(var range) ->
          range.keys().isEmpty() ? "absent" : range.keys().getFirst().value().toUtf8();
      case Outcome.NotDone(var error) -> error.code().name();
      case Outcome.Unknown(String reason) -> reason;
    };
  }

  private static List<Long> replay(MachineDriver driver, long from) {
    List<Long> revisions = new ArrayList<>();
    switch (driver.state().eventsSince(rev(from))) {
      case StoreState.Replay.Compacted(Revision first) -> revisions.add(-first.value());
      case StoreState.Replay.Events(Iterable<RevisionEvents> events) ->
          events.forEach(each -> revisions.add(each.revision().value()));
    }
    return revisions;
  }
}
