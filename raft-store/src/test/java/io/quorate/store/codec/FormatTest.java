package io.quorate.store.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.RequestId;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreRules;
import io.quorate.store.machine.StoreState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes themselves: what is on disks today must be read by every later version. */
class FormatTest {
  private static final String SNAPSHOT =
      "01000000290a2708021006180420032801321b086310d804180620dc0b28f4033003380240a09c01"
          + "48025003580411bdf7ed000000091207080710b8171801411d1d7f000000031a016b6b35979b0000"
          + "000622040803180583dda320000000102a0e0801120a0a08080112021200180364d3bcf000000010"
          + "320e0a016b120176180220022801300797e65dbf000000143a120803120e0a0c0a016b1201771802"
          + "20032802b08b855a000000093a070804120312016b3b65b8ff0000000b42090974189a458f7f2d30"
          + "88e9a4db";

  static Stream<Arguments> written() {
    Bytes key = Bytes.utf8("k");
    Txn txn =
        new Txn(
            List.of(Compare.absent(key)),
            List.of(Op.put(key, Bytes.utf8("v"), new LeaseId(7))),
            List.of(Op.get(RangeQuery.prefix(key)), Op.delete(key)));
    return Stream.of(
        Arguments.of(
            new StoreCommand.TxnCommand(txn, Principal.MEMBER, Optional.of(new RequestId(5, 6))),
            "010a300a260a070a016b18012000120a12080a016b12017618071a080a060a016b12016c1a051a030a016b10011a0408051006"),
        Arguments.of(new StoreCommand.OpenSession(), "011200"),
        Arguments.of(
            new StoreCommand.GrantLease(new LeaseId(7), 3_000, Principal.MEMBER),
            "011a05080710b817"),
        Arguments.of(
            new StoreCommand.RevokeLease(new LeaseId(7), Principal.CLIENT), "0122040807 1002"),
        Arguments.of(new StoreCommand.ExpireLease(new LeaseId(7), 2, 3), "012a06080710021803"),
        Arguments.of(new StoreCommand.GuardPrefix(key), "0132030a016b"),
        Arguments.of(new StoreCommand.Compact(new Revision(9)), "013a020809"));
  }

  @ParameterizedTest
  @MethodSource("written")
  void commandsHaveTheseBytes(StoreCommand command, String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertThat(HexFormat.of().formatHex(CommandCodec.encode(command)))
        .isEqualTo(HexFormat.of().formatHex(bytes));
    assertThat(CommandCodec.decode(bytes)).isEqualTo(command);
  }

  @Test
  void snapshotHasTheseBytes() throws IOException {
    StoreMachine machine =
        new StoreMachine(
            StoreState.empty(new StoreLimits(99, 600, 6, 1_500, 500, 3, 2, 20_000, 2, 3, 4)),
            StoreRules.STRICT);
    Bytes key = Bytes.utf8("k");
    long index = 0;
    for (StoreCommand command :
        List.of(
            new StoreCommand.GrantLease(new LeaseId(7), 3_000, Principal.MEMBER),
            new StoreCommand.GuardPrefix(key),
            new StoreCommand.OpenSession(),
            put(Op.put(key, Bytes.utf8("v"), new LeaseId(7)), Optional.empty()),
            put(Op.put(key, Bytes.utf8("w")), Optional.of(new RequestId(3, 1))),
            put(Op.delete(key), Optional.empty()))) {
      index++;
      machine.apply(command, 2, index);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SnapshotCodec.write(machine.state(), out);
    assertThat(HexFormat.of().formatHex(out.toByteArray())).isEqualTo(SNAPSHOT);
    byte[] bytes = HexFormat.of().parseHex(SNAPSHOT);
    assertThat(SnapshotCodec.read(new ByteArrayInputStream(bytes))).isEqualTo(machine.state());
  }

  private static StoreCommand put(Op op, Optional<RequestId> request) {
    return new StoreCommand.TxnCommand(Txn.of(op), Principal.MEMBER, request);
  }

  @Test
  void unknownFormatIsNamedWithTheRemedy() {
    byte[] newer = CommandCodec.encode(new StoreCommand.OpenSession());
    newer[0] = 2;
    assertUnknown(() -> CommandCodec.decode(newer));
    assertUnknown(() -> CommandCodec.decodeResult(newer));
    assertUnknown(() -> SnapshotCodec.read(new ByteArrayInputStream(newer)));
  }

  @Test
  void unknownKindIsNotIgnored() {
    assertUnknown(() -> CommandCodec.decode(new byte[] {1}));
    assertUnknown(() -> CommandCodec.decode(HexFormat.of().parseHex("01c20c00")));
    assertUnknown(() -> CommandCodec.decodeResult(new byte[] {1}));
    // A lease revoked on behalf of nobody known.
    assertUnknown(
        () -> CommandCodec.decode(HexFormat.of().parseHex("0122041007 1009".replace(" ", ""))));
  }

  @Test
  void damageIsNamed() {
    assertCorrupt(() -> CommandCodec.decode(new byte[0]));
    assertCorrupt(() -> CommandCodec.decode(new byte[] {1, 10, 50, 1}));
    // A revision below zero.
    assertCorrupt(
        () -> CommandCodec.decode(HexFormat.of().parseHex("013a0b08ffffffffffffffffff01")));
    assertCorrupt(
        () -> CommandCodec.decodeResult(HexFormat.of().parseHex("0138ffffffffffffffffff01")));
    assertCorrupt(() -> SnapshotCodec.read(new ByteArrayInputStream(new byte[0])));
  }

  @Test
  void deepestTransactionGoesThrough() throws IOException {
    Txn txn = Txn.of(Op.delete(Bytes.utf8("k")));
    for (int i = 1; i < StoreLimits.DEFAULT.operations(); i++) {
      txn = Txn.of(new Op.Nested(txn));
    }
    StoreCommand command = new StoreCommand.TxnCommand(txn, Principal.CLIENT, Optional.empty());
    assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
  }

  @Test
  void forwardedAnswersComeBackAsTheyWere() throws IOException {
    List<Outcome<OpResult.Range>> outcomes =
        List.of(
            new Outcome.Done<>(new OpResult.Range(List.of(), true, 7, new Revision(9))),
            new Outcome.NotDone<>(new StoreError(StoreError.Code.COMPACTED, "gone")),
            new Outcome.Unknown<>("lost"));
    for (Outcome<OpResult.Range> outcome : outcomes) {
      assertThat(FromProto.answer(ToProto.answer(outcome))).isEqualTo(outcome);
    }
    for (StoreError.Code code : StoreError.Code.values()) {
      CommandResult refused = new CommandResult.Refused(new StoreError(code, "why"));
      assertThat(CommandCodec.decodeResult(CommandCodec.encode(refused))).isEqualTo(refused);
    }
  }

  private interface Decoding {
    Object run() throws IOException;
  }

  private static void assertUnknown(Decoding decoding) {
    assertThatThrownBy(decoding::run)
        .hasMessageContaining("upgrade this member")
        .isInstanceOfSatisfying(
            CodecException.class,
            e -> assertThat(e.kind()).isEqualTo(CodecException.Kind.UNKNOWN_FORMAT));
  }

  private static void assertCorrupt(Decoding decoding) {
    assertThatThrownBy(decoding::run)
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.kind()).isEqualTo(CodecException.Kind.CORRUPT));
  }
}
