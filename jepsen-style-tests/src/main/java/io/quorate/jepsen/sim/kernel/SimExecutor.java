package io.quorate.jepsen.sim.kernel;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** One thread of a process: tasks in their order, one event each. */
public final class SimExecutor implements Executor {

  private final SimKernel kernel;
  private final SimProcess process;
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  /** A thread of {@code process} as it runs now. */
  public SimExecutor(SimKernel kernel, SimProcess process) {
    this.kernel = kernel;
    this.process = process;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (tasks.size() == 1) {
      later();
    }
  }

  private void later() {
    kernel.schedule(process, kernel.micros(0, 100), this::runOne);
  }

  private void runOne() {
    Runnable task = tasks.element();
    try {
      task.run();
    } finally {
      tasks.remove();
      if (!tasks.isEmpty()) {
        later();
      }
    }
  }
}
