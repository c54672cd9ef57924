package io.quorate.ha.decide;

import io.quorate.ha.model.Epoch;
import io.quorate.time.BootTime;

/** This member's hold of the {@code leader} key, as far as it may believe. */
public sealed interface Hold {

  /** Holds nothing. */
  record NotHeld() implements Hold {}

  /** Holds, and may act as primary, until {@code deadline}. */
  record Held(Epoch epoch, BootTime deadline) implements Hold {}

  /** Held, and may not believe it any more; the key may still stand for a while. */
  record Lapsed(Epoch epoch, String why) implements Hold {}
}
