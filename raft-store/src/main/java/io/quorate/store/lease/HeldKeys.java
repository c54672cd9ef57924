package io.quorate.store.lease;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import java.util.Optional;

/** Looks keys up in the leader's own applied state. */
@FunctionalInterface
public interface HeldKeys {

  /** The key as it stands in the latest state applied here. */
  Optional<KeyValue> find(Bytes key);
}
