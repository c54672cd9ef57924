package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is told of what. */
final class WatchHubTest {

  private final StoreMachine machine = new StoreMachine();
  private final List<Long> told = new ArrayList<>();
  private long index;

  private final WatchListener listener =
      new WatchListener() {
        @Override
        public void onEvents(Revision revision, List<WatchEvent> events) {
          told.add(revision.value());
        }

        @Override
        public void onEnded(StoreError reason, Revision compactRevision) {
          throw new AssertionError(reason.message());
        }
      };

  private void put(String key) {
    index++;
    machine.apply(
        new StoreCommand.TxnCommand(
            Txn.of(Op.put(Bytes.utf8(key), Bytes.utf8("x"))), Principal.CLIENT, Optional.empty()),
        1,
        index);
  }

  /**
   * The dispatcher finds out whom a change concerns, then tells them. A watch that is entered
   * between the two is not told of that change, and has to find it by itself: here the dispatcher
   * does not run at all.
   */
  @Test
  void whatStandsWhenAWatchBeginsIsDeliveredWhereverTheDispatcherIs() {
    try (WatchHub hub = new WatchHub("test", machine::state, Runnable::run)) {
      long first = machine.state().revision().value() + 1;
      put("a/1");
      put("b/1");
      put("a/2");
      var watch = hub.watch(WatchQuery.prefix(Bytes.utf8("a/"), new Revision(first)), listener);
      assertThat(told).containsExactly(first, first + 2);
      assertThat(watch.delivered()).isEqualTo(machine.state().revision());
      watch.close();
    }
  }
}
