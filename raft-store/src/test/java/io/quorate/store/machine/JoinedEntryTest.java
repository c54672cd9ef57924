package io.quorate.store.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.invariant.InvariantViolation;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.codec.CodecException;
import io.quorate.store.codec.CommandCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Several transactions in one entry of the log. */
final class JoinedEntryTest {

  private static final long SESSION = 1;

  private final StoreMachine machine = new StoreMachine();

  JoinedEntryTest() {
    machine.apply(new StoreCommand.OpenSession(), 1, SESSION);
  }

  private static StoreCommand put(String key, long session, long sequence) {
    return new StoreCommand.TxnCommand(
        Txn.of(
            new Op.Put(
                Bytes.utf8(key), Bytes.utf8("v" + sequence), LeaseId.NONE, false, false, false)),
        Principal.MEMBER,
        Optional.of(new RequestId(session, sequence)));
  }

  @Test
  void joinedTransactionsDoWhatTheyDoOneByOne() {
    long keysSeen = 0;
    for (long seed = 1; seed <= 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      RandomCommands commands = new RandomCommands(random);
      StoreMachine alone = new StoreMachine();
      StoreMachine joined = new StoreMachine();
      alone.apply(new StoreCommand.OpenSession(), 1, SESSION);
      joined.apply(new StoreCommand.OpenSession(), 1, SESSION);
      long sequence = 0;
      long index = SESSION;
      for (int round = 0; round < 20; round++) {
        List<StoreCommand> entry = new ArrayList<>();
        while (entry.size() < 1 + round % 7) {
          if (commands.next() instanceof StoreCommand.TxnCommand txn) {
            sequence++;
            // Now and then one that was there before: it must be answered as it was then.
            long number = random.nextInt(10) == 0 ? Math.max(1, sequence - 3) : sequence;
            entry.add(
                new StoreCommand.TxnCommand(
                    txn.txn(), txn.principal(), Optional.of(new RequestId(SESSION, number))));
          }
        }
        List<Applied> together = joined.applyAll(entry, 1, index + 1);
        List<Applied> each = new ArrayList<>();
        for (StoreCommand command : entry) {
          index++;
          each.add(alone.apply(command, 1, index));
        }
        assertThat(together).isEqualTo(each);
      }
      assertThat(joined.state().revision()).isEqualTo(alone.state().revision());
      assertThat(keys(joined)).isEqualTo(keys(alone));
      keysSeen += keys(joined).size();
      assertThat(joined.state().position().index()).isLessThan(alone.state().position().index());
    }
    assertThat(keysSeen).isPositive();
  }

  private static List<KeyValue> keys(StoreMachine machine) {
    List<KeyValue> keys = new ArrayList<>();
    machine.state().keys().entries().forEach(entry -> keys.add(entry.value()));
    return keys;
  }

  @Test
  void readersSeeAllOfAnEntryOrNothing() {
    Revision before = machine.state().revision();
    machine.applyAll(List.of(put("a", SESSION, 1), put("b", SESSION, 2)), 1, 2);
    assertThat(machine.state().revision().value()).isEqualTo(before.value() + 2);
    assertThat(machine.state().position()).isEqualTo(new Position(1, 2));
  }

  @Test
  void sessionsDoNotShareAnEntry() {
    machine.apply(new StoreCommand.OpenSession(), 1, 2);
    assertThatThrownBy(() -> machine.applyAll(List.of(put("a", SESSION, 1), put("b", 2, 1)), 1, 3))
        .isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() ->
            machine.applyAll(List.of(put("a", SESSION, 1), new StoreCommand.OpenSession()), 1, 3))
        .isInstanceOf(InvariantViolation.class);
    assertThat(machine.state().position().index()).isEqualTo(2);
  }

  @Test
  void entriesSurviveTheirBytes() throws CodecException {
    List<StoreCommand> commands =
        List.of(put("a", SESSION, 1), put("b", SESSION, 2), put("c", SESSION, 3));
    List<byte[]> each = commands.stream().map(CommandCodec::encode).toList();
    assertThat(CommandCodec.split(CommandCodec.join(each))).isEqualTo(commands);
    assertThat(CommandCodec.join(each.subList(0, 1))).isEqualTo(each.getFirst());
    assertThat(CommandCodec.split(each.getFirst())).isEqualTo(commands.subList(0, 1));
  }

  @Test
  void whatCannotBeJoinedIsRefused() {
    byte[] put = CommandCodec.encode(put("a", SESSION, 1));
    byte[] open = CommandCodec.encode(new StoreCommand.OpenSession());
    byte[] joined = CommandCodec.join(List.of(put, put));
    for (byte[] entry :
        List.of(
            CommandCodec.join(List.of(put, open)),
            CommandCodec.join(List.of(joined, put)),
            CommandCodec.join(List.of()))) {
      assertThatThrownBy(() -> CommandCodec.split(entry))
          .isInstanceOfSatisfying(
              CodecException.class,
              e -> assertThat(e.kind()).isEqualTo(CodecException.Kind.CORRUPT));
    }
  }
}
