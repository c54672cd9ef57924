package io.quorate.jepsen.sim.postgres;

import io.quorate.jepsen.sim.kernel.SimKernel;

/** How long things take on one host, and how often they fail for no reason. */
public final class Pace {

  private final SimKernel kernel;
  private int factor = 1;
  private int oneInFails;

  /** Usual speed, no failures. */
  public Pace(SimKernel kernel) {
    this.kernel = kernel;
  }

  /** Everything takes so many times as long. */
  public void factor(int times) {
    factor = times;
  }

  /** One step in so many fails; 0: none. */
  public void failures(int oneIn) {
    oneInFails = oneIn;
  }

  /** A duration in nanoseconds, between the two in milliseconds at usual speed. */
  public long millis(int least, int most) {
    return factor * kernel.millis(least, most);
  }

  /** Draws whether this step fails. */
  public boolean fails() {
    return oneInFails > 0 && kernel.oneIn(oneInFails);
  }
}
