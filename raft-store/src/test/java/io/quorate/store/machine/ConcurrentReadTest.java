package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.KeyValue;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ConcurrentReadTest {
  private static final int PAIRS = 20;

  /** Both keys of a pair are always written together: a reader must never see them differ. */
  @Test
  void readersSeeWholeCommandsInOrderWhileOthersAreApplied()
      throws InterruptedException, ExecutionException {
    MachineDriver driver = new MachineDriver();
    AtomicBoolean writing = new AtomicBoolean(true);
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        results.add(readers.submit(() -> readWhile(writing, driver.machine())));
      }
      for (int i = 0; i < 30_000; i++) {
        int pair = i % PAIRS;
        driver.done(Txn.of(Op.put(b("a" + pair), b("v" + i)), Op.put(b("b" + pair), b("v" + i))));
      }
      writing.set(false);
      for (Future<Long> result : results) {
        assertThat(result.get()).isPositive();
      }
    }
  }

  private static long readWhile(AtomicBoolean writing, StoreMachine machine) {
    long lastRevision = 0;
    long reads = 0;
    do {
      StoreState state = machine.state();
      OpResult.Range range =
          ((Outcome.Done<OpResult.Range>) state.range(RangeQuery.range(b("a"), b("c")))).value();
      assertThat(range.revision().value()).isGreaterThanOrEqualTo(lastRevision);
      lastRevision = range.revision().value();
      List<KeyValue> keys = range.keys();
      int pairs = keys.size() / 2;
      assertThat(keys.size()).isEqualTo(2 * pairs);
      for (int i = 0; i < pairs; i++) {
        assertThat(keys.get(i).value()).isEqualTo(keys.get(i + pairs).value());
      }
      reads++;
    } while (writing.get());
    return reads;
  }
}
