package io.quorate.store;

/** How fresh a read must be. */
public enum ReadMode {
  /** Sees everything that was done before the read began. For all that decides something. */
  LINEARIZABLE,
  /** Whatever the local replica has. For display. */
  SERIALIZABLE
}
