package io.quorate.rpc.etcd;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * A virtual thread for each piece of work. What comes after the end is dropped: timers and answers
 * of the store may still be on their way, and an exception in their threads would end the process.
 */
final class RequestThreads implements Executor, AutoCloseable {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Override
  public void execute(Runnable work) {
    try {
      threads.execute(work);
    } catch (RejectedExecutionException e) {
      // Nobody is there any more who could be answered.
    }
  }

  /** Takes no more work, and does not wait for what is under way. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
