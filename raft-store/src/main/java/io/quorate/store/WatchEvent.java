package io.quorate.store;

import java.util.Optional;

/** One change of one key. */
public sealed interface WatchEvent {

  /** The key now has this value; {@code previous} where asked for and there was one. */
  record Put(KeyValue keyValue, Optional<KeyValue> previous) implements WatchEvent {}

  /** The key was deleted at {@code revision} (also by the end of its lease). */
  record Delete(Bytes key, Revision revision, Optional<KeyValue> previous) implements WatchEvent {}
}
