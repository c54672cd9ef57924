package io.quorate.jepsen.sim.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A process of a simulated host: lives, is paused (SIGSTOP) or is dead. What was scheduled for it
 * waits while it is paused and is lost when it is killed.
 */
public final class SimProcess {

  private final String name;
  private final List<Runnable> held = new ArrayList<>();
  private long incarnation;
  private boolean alive;
  private boolean paused;
  private boolean frozen;

  /** A process that does not run yet. */
  public SimProcess(String name) {
    this.name = name;
  }

  /** Its name, for the trace. */
  public String name() {
    return name;
  }

  /** Changes with each start. */
  public long incarnation() {
    return incarnation;
  }

  /** Whether it exists, paused or not. */
  public boolean alive() {
    return alive;
  }

  /** Whether it exists and is not paused. */
  public boolean running() {
    return alive && !paused && !frozen;
  }

  /** Starts it anew. */
  public void start() {
    incarnation++;
    alive = true;
    paused = false;
    held.clear();
  }

  /** Ends it at once. */
  public void kill() {
    incarnation++;
    alive = false;
    paused = false;
    held.clear();
  }

  /** Holds it, until it is resumed or ends. */
  public void pause() {
    paused = alive;
  }

  /** Lets it go on. */
  public void resume() {
    paused = false;
    release();
  }

  /** Its whole machine stands still, or goes on. */
  public void machineStands(boolean stands) {
    frozen = stands;
    release();
  }

  private void release() {
    if (!paused && !frozen) {
      List<Runnable> due = List.copyOf(held);
      held.clear();
      due.forEach(Runnable::run);
    }
  }

  boolean admits(long wanted, Runnable later) {
    if (!alive || wanted != incarnation) {
      return false;
    }
    if (paused || frozen) {
      held.add(later);
      return false;
    }
    return true;
  }

  @Override
  public String toString() {
    return name;
  }
}
