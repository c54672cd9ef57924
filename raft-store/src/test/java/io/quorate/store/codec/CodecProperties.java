package io.quorate.store.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.store.machine.RandomCommands;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreRules;
import io.quorate.store.machine.StoreState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CodecProperties {
  private static final StoreLimits SMALL =
      new StoreLimits(100, 600, 6, 1_500, 500, 3, 20, 20_000, 2, 3, 3);

  @Provide
  Arbitrary<List<StoreCommand>> logs() {
    return Arbitraries.randomValue(random -> new RandomCommands(random).next())
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 200)
  void commandsAndResultsSurviveTheirBytes(@ForAll("logs") List<StoreCommand> log)
      throws IOException {
    StoreMachine machine = new StoreMachine(StoreState.empty(SMALL), StoreRules.STRICT);
    long index = 0;
    for (StoreCommand command : log) {
      assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
      index++;
      var result = machine.apply(command, 1, index).result();
      assertThat(CommandCodec.decodeResult(CommandCodec.encode(result))).isEqualTo(result);
    }
  }

  @Property(tries = 200)
  void snapshotHoldsEverything(@ForAll("logs") List<StoreCommand> log) throws IOException {
    StoreState state = stateAfter(log);
    StoreState read = SnapshotCodec.read(new ByteArrayInputStream(bytes(state)));
    assertThat(read).isEqualTo(state);
    assertThat(bytes(read)).isEqualTo(bytes(state));
  }

  @Property(tries = 100)
  void truncatedSnapshotIsRefused(@ForAll("logs") List<StoreCommand> log, @ForAll int where)
      throws IOException {
    byte[] whole = bytes(stateAfter(log));
    byte[] cut = Arrays.copyOf(whole, Math.floorMod(where, whole.length));
    assertThatThrownBy(() -> SnapshotCodec.read(new ByteArrayInputStream(cut)))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.kind()).isEqualTo(CodecException.Kind.CORRUPT));
  }

  @Property(tries = 300)
  void flippedBitIsRefused(
      @ForAll("logs") List<StoreCommand> log, @ForAll int where, @ForAll @IntRange(max = 7) int bit)
      throws IOException {
    byte[] changed = bytes(stateAfter(log));
    changed[Math.floorMod(where, changed.length)] ^= (byte) (1 << bit);
    assertThatThrownBy(() -> SnapshotCodec.read(new ByteArrayInputStream(changed)))
        .isInstanceOf(CodecException.class);
  }

  static StoreState stateAfter(List<StoreCommand> log) {
    StoreMachine machine = new StoreMachine(StoreState.empty(SMALL), StoreRules.STRICT);
    long index = 0;
    for (StoreCommand command : log) {
      index++;
      machine.apply(RandomCommands.withSession(command, machine.state()), 1 + index / 20, index);
    }
    return machine.state();
  }

  static byte[] bytes(StoreState state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SnapshotCodec.write(state, out);
    return out.toByteArray();
  }
}
