package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Picks from the changes of a revision those that a watch asked for. */
public final class WatchFilter {
  private final KeyRange range;
  private final boolean prevKv;

  /** A filter for {@code query}, whose start revision is not looked at. */
  public WatchFilter(WatchQuery query) {
    this.range = new KeyRange(query.key(), query.rangeEnd());
    this.prevKv = query.prevKv();
  }

  /** The matching changes in their order, with former values only where asked for. */
  public List<WatchEvent> select(List<WatchEvent> events) {
    List<WatchEvent> selected = new ArrayList<>();
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Put(KeyValue current, var _) -> {
          if (range.contains(current.key())) {
            selected.add(prevKv ? event : new WatchEvent.Put(current, Optional.empty()));
          }
        }
        case WatchEvent.Delete(Bytes key, Revision at, var _) -> {
          if (range.contains(key)) {
            selected.add(prevKv ? event : new WatchEvent.Delete(key, at, Optional.empty()));
          }
        }
      }
    }
    return selected;
  }
}
