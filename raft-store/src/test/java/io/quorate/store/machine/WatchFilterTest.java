package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static io.quorate.store.machine.MachineDriver.rev;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchQuery;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchFilterTest {
  private final MachineDriver driver = new MachineDriver();

  @Test
  void formerValuesAreGivenOnlyWhereAskedFor() {
    driver.put("a", "1");
    driver.put("b", "1");
    List<WatchEvent> events =
        driver.txn(Txn.of(Op.put(b("a"), b("2")), Op.delete(b("b")))).events();
    assertThat(filter("a", "\0", true).select(events)).isEqualTo(events);
    assertThat(events).allMatch(event -> previous(event).isPresent());
    assertThat(filter("a", "\0", false).select(events))
        .hasSize(2)
        .noneMatch(event -> previous(event).isPresent())
        .last()
        .isEqualTo(new WatchEvent.Delete(b("b"), rev(4), Optional.empty()));
  }

  @Test
  void onlyKeysOfTheRangeAreSelected() {
    List<WatchEvent> events =
        driver
            .txn(Txn.of(Op.put(b("a"), b("1")), Op.put(b("b"), b("1")), Op.put(b("c"), b("1"))))
            .events();
    assertThat(filter("b", "", false).select(events)).containsExactly(events.get(1));
    assertThat(filter("a", "c", false).select(events))
        .containsExactly(events.get(0), events.get(1));
    assertThat(filter("d", "\0", false).select(events)).isEmpty();
  }

  private static WatchFilter filter(String key, String end, boolean prevKv) {
    Bytes rangeEnd = end.isEmpty() ? Bytes.EMPTY : b(end);
    return new WatchFilter(new WatchQuery(b(key), rangeEnd, Revision.NONE, prevKv));
  }

  private static Optional<?> previous(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Put(var _, var previous) -> previous;
      case WatchEvent.Delete(var _, var _, var previous) -> previous;
    };
  }
}
