package io.quorate.ha.decide;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;

/**
 * This member receives nothing, since the freeze of this name, and this is all the WAL it has. Void
 * as soon as any other operation touches the instance.
 */
public record FrozenWal(Epoch name, EndOfWal end) {}
