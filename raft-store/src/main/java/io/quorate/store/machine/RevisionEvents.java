package io.quorate.store.machine;

import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import java.util.List;
import java.util.Optional;

/** All changes of one revision, in the order of their application. */
public record RevisionEvents(Revision revision, List<WatchEvent> events) {
  /** Copies the list. */
  public RevisionEvents {
    events = List.copyOf(events);
  }

  /** What these events weigh in the history: both the new and the former values are kept alive. */
  long bytes() {
    long sum = 0;
    for (WatchEvent event : events) {
      sum +=
          switch (event) {
            case WatchEvent.Put(KeyValue kv, Optional<KeyValue> previous) ->
                StoreLimits.weight(kv) + weight(previous);
            case WatchEvent.Delete(var key, var _, Optional<KeyValue> previous) ->
                StoreLimits.KEY_OVERHEAD_BYTES + key.size() + weight(previous);
          };
    }
    return sum;
  }

  private static long weight(Optional<KeyValue> keyValue) {
    return keyValue.isPresent() ? StoreLimits.weight(keyValue.get()) : 0;
  }
}
