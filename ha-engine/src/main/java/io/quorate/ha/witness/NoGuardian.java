package io.quorate.ha.witness;

import io.quorate.ha.port.Guardian;
import io.quorate.time.BootTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** No guardian, since there is no PostgreSQL to end. Keeps nothing. */
public final class NoGuardian implements Guardian {

  /** A witness's. */
  public NoGuardian() {}

  @Override
  public CompletionStage<Boolean> arm(BootTime aliveUntil) {
    return CompletableFuture.completedStage(false);
  }

  @Override
  public void feed(BootTime aliveUntil) {
    // Nobody is there to be fed.
  }

  @Override
  public CompletionStage<Boolean> disarm() {
    return CompletableFuture.completedStage(true);
  }

  @Override
  public boolean armed() {
    return false;
  }
}
