package io.quorate.time;

/** Reads the boot clock. Implementations may be called from any thread and never block. */
public interface MonotonicClock {

  /** Now. Never goes back while the machine is up. */
  BootTime now();
}
