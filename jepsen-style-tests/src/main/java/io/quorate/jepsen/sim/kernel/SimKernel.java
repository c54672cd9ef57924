package io.quorate.jepsen.sim.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/**
 * Runs events by virtual time; events of one time in an order drawn by lot. Time is true time in
 * nanoseconds since the run began; what a host's clock shows is {@link SimClock}'s affair.
 */
public final class SimKernel {

  private static final Comparator<Event> ORDER =
      Comparator.comparingLong((Event event) -> event.at)
          .thenComparingInt(event -> event.lot)
          .thenComparingLong(event -> event.sequence);

  /** Something to come. */
  private static final class Event {
    final long at;
    final int lot;
    final long sequence;
    final SimProcess process;
    final long incarnation;
    final Runnable task;
    boolean cancelled;

    Event(long at, int lot, long sequence, SimProcess process, Runnable task) {
      this.at = at;
      this.lot = lot;
      this.sequence = sequence;
      this.process = process;
      this.incarnation = process.incarnation();
      this.task = task;
    }
  }

  private final PriorityQueue<Event> queue = new PriorityQueue<>(ORDER);
  private final SplittableRandom random;
  private final Trace trace;
  private final List<BiConsumer<String, String>> listeners = new ArrayList<>();
  private long now;
  private long sequence;
  private long events;

  /** A kernel whose every choice follows from {@code seed}. */
  public SimKernel(long seed, Trace trace) {
    this.random = new SplittableRandom(seed);
    this.trace = trace;
  }

  /** True time, nanoseconds since the run began. */
  public long now() {
    return now;
  }

  /** Events run so far. */
  public long events() {
    return events;
  }

  /** A stream of randomness of its own, which others' use does not disturb. */
  public SplittableRandom fork() {
    return random.split();
  }

  /** The lot shared by everything that has no stream of its own. */
  public SplittableRandom random() {
    return random;
  }

  /** Calls {@code listener} with each line from now on; it may only schedule. */
  public void onNote(BiConsumer<String, String> listener) {
    listeners.add(listener);
  }

  /** Writes a line, with the time. */
  public void note(String who, String what) {
    trace.line(now, who, what);
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).accept(who, what);
    }
  }

  /**
   * Runs {@code task} as a part of {@code process} after {@code delay} nanoseconds: later while it
   * is paused, never once it was killed.
   *
   * @return calls it off
   */
  public Runnable schedule(SimProcess process, long delay, Runnable task) {
    Event event = new Event(now + Math.max(0, delay), random.nextInt(), sequence++, process, task);
    queue.add(event);
    return () -> event.cancelled = true;
  }

  /** A time between the two, in nanoseconds; both in microseconds. */
  public long micros(int least, int most) {
    return 1000L * random.nextInt(least, most + 1);
  }

  /** A time between the two, in nanoseconds; both in milliseconds. */
  public long millis(int least, int most) {
    return 1000L * random.nextInt(1000 * least, 1000 * most + 1);
  }

  /** True once in so many. */
  public boolean oneIn(int chances) {
    return random.nextInt(chances) == 0;
  }

  /**
   * Runs the next event.
   *
   * @return whether there was one before {@code end}
   */
  public boolean step(long end) {
    while (true) {
      Event event = queue.peek();
      if (event == null || event.at > end) {
        now = Math.max(now, end);
        return false;
      }
      queue.remove();
      if (event.cancelled) {
        continue;
      }
      now = event.at;
      if (event.process.admits(event.incarnation, () -> again(event))) {
        events++;
        event.task.run();
        return true;
      }
    }
  }

  /** What came due while its process was paused follows soon after, in whatever order. */
  private void again(Event event) {
    if (!event.cancelled) {
      Runnable cancel = schedule(event.process, micros(0, 2000), event.task);
      if (event.cancelled) {
        cancel.run();
      }
    }
  }
}
