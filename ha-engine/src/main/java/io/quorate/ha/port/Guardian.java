package io.quorate.ha.port;

import io.quorate.time.BootTime;
import java.util.concurrent.CompletionStage;

/**
 * The process outside this program that ends PostgreSQL when it is not fed. Calls never block and
 * never throw.
 */
public interface Guardian {

  /**
   * Starts the guardian, or takes over the one that runs, with a first deadline. Completes with
   * true once it has confirmed that it watches.
   */
  CompletionStage<Boolean> arm(BootTime aliveUntil);

  /**
   * Has a guardian started that watches nothing yet, so that {@link #arm} finds it. It goes home by
   * itself where it is not armed within a minute. Saves time, and nothing depends on it.
   */
  default void prepare() {}

  /** PostgreSQL may live until {@code aliveUntil}. Feeding a guardian that is not there is seen. */
  void feed(BootTime aliveUntil);

  /**
   * PostgreSQL is confirmed stopped (or a standby): the guardian ends without touching anything.
   */
  CompletionStage<Boolean> disarm();

  /** Whether it runs and watches, as last seen. */
  boolean armed();
}
