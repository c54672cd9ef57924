package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.real.HostNetwork;
import io.quorate.jepsen.real.Namespaces;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * Records histories of a store under faults and judges them: {@code LinearRun COUNT SEED [SECONDS]
 * [FAULT …]} makes so many of each kind. Ends with status 1 if one broke a promise. The seed
 * decides over what clients and nemesis want, not over when the machine lets them.
 */
public final class LinearRun implements AutoCloseable {

  private static final int CLIENTS = 8;
  private static final int LOCK_CLIENTS = 3;

  /** Small, so that snapshots are taken, sent and started from within a history. */
  private static final int SNAPSHOT_ENTRIES = 400;

  private final StoreGroup group;
  private final boolean network;
  private int histories;

  /**
   * What one history amounted to.
   *
   * @param faults broken promises, empty if none was
   */
  public record Result(
      StoreFault fault,
      long seed,
      int strikes,
      int operations,
      int unknown,
      int holds,
      int changes,
      List<String> faults) {

    @Override
    public String toString() {
      return "%s %s seed %d: %d strikes, %d operations (%d unknown), %d holds, %d changes watched%s"
          .formatted(
              faults.isEmpty() ? "pass" : "FAIL",
              fault,
              seed,
              strikes,
              operations,
              unknown,
              holds,
              changes,
              faults.isEmpty() ? "" : ": " + faults);
    }
  }

  private LinearRun(StoreGroup group, boolean network) {
    this.group = group;
    this.network = network;
  }

  /** Starts a store, on hosts with a network of their own where that is possible. */
  public static LinearRun start() {
    boolean network = Namespaces.obstacle().isEmpty();
    HostNetwork hosts = network ? Namespaces.make(StoreGroup.SIZE) : HostNetwork.loopback();
    return new LinearRun(StoreGroup.start(hosts, SNAPSHOT_ENTRIES), network);
  }

  /** Whether this fault can be made here. */
  public boolean can(StoreFault fault) {
    return network || !fault.needsNetwork();
  }

  /** Records one history of about {@code length} and judges it. */
  public Result history(StoreFault fault, long seed, Duration length) {
    return history(fault, seed, length, "get");
  }

  /**
   * The same with reads from whatever member is asked: the judge must find those that are stale.
   */
  Result historyOfLocalReads(StoreFault fault, long seed, Duration length) {
    return history(fault, seed, length, "local");
  }

  private Result history(StoreFault fault, long seed, Duration length, String read) {
    String prefix = "h" + ++histories + "/";
    Recording recording = new Recording();
    long begin = mark(recording, prefix + "begin");
    WatchKeeper watches = new WatchKeeper(group, prefix, begin);
    SplittableRandom random = new SplittableRandom(seed);
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> clients = clients(recording, prefix, read, random, stop);
    int strikes = 0;
    long began = System.nanoTime();
    try (Nemesis nemesis = new Nemesis(group, fault, random.split(), network)) {
      while (System.nanoTime() - began < length.toNanos()) {
        watches.tend();
        StoreGroup.pause(Duration.ofMillis(20));
      }
      strikes = nemesis.finish();
    } finally {
      stop.set(true);
    }
    clients.forEach(LinearRun::join);
    long end = mark(recording, prefix + "end");
    StoreGroup.await("every watch at revision " + end, () -> watches.reached(end));
    Recording.Judgement judgement = recording.judge(watches.watches());
    List<String> faults = new ArrayList<>(judgement.faults());
    group.difference().ifPresent(faults::add);
    return new Result(
        fault,
        seed,
        strikes,
        judgement.operations(),
        judgement.unknown(),
        judgement.holds(),
        judgement.changes(),
        faults);
  }

  private List<Thread> clients(
      Recording recording,
      String prefix,
      String read,
      SplittableRandom random,
      AtomicBoolean stop) {
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      RegisterClient client =
          new RegisterClient(group, recording, "c" + i, prefix, read, random.split());
      clients.add(Thread.ofVirtual().start(() -> client.run(() -> !stop.get())));
    }
    for (int i = 0; i < LOCK_CLIENTS; i++) {
      LockClient client =
          new LockClient(group, recording, "l" + i, prefix + "lock", random.split());
      clients.add(Thread.ofVirtual().start(() -> client.run(() -> !stop.get())));
    }
    return clients;
  }

  /** Writes a key of its own and returns the revision. */
  private long mark(Recording recording, String key) {
    AtomicReference<String> done = new AtomicReference<>("");
    AtomicReference<Integer> tries = new AtomicReference<>(0);
    StoreGroup.await(
        "a write of " + key,
        () -> {
          String value = key + "-" + tries.updateAndGet(n -> n + 1);
          String answer = RegisterClient.answer(group.member(1), "put " + key + " " + value + " 0");
          recording.wrote(key, value, answer);
          done.set(answer);
          return answer.startsWith("done");
        });
    return Long.parseLong(done.get().split(" ", -1)[1]);
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    group.close();
  }

  /** Strikes again and again in a thread of its own. */
  private static final class Nemesis implements AutoCloseable {

    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile int strikes;
    private volatile Optional<Throwable> failure = Optional.empty();

    Nemesis(StoreGroup group, StoreFault fault, RandomGenerator random, boolean network) {
      this.thread =
          Thread.ofPlatform()
              .daemon()
              .name("nemesis")
              .start(() -> run(group, fault, random, network));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void run(StoreGroup group, StoreFault fault, RandomGenerator random, boolean network) {
      try {
        while (!stop.await(random.nextInt(100, 600), TimeUnit.MILLISECONDS)) {
          fault.strike(group, random, network);
          strikes++;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (AssertionError | RuntimeException e) {
        failure = Optional.of(e);
      }
    }

    /** Lets the strike under way end, and says how many there were. */
    int finish() {
      stop.countDown();
      join(thread);
      failure.ifPresent(e -> {
        throw new IllegalStateException("the nemesis failed", e);
      });
      return strikes;
    }

    @Override
    public void close() {
      stop.countDown();
      join(thread);
    }
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), System.out) ? 0 : 1);
  }

  private static boolean run(List<String> arguments, PrintStream out) {
    int count = arguments.isEmpty() ? 1 : Integer.parseInt(arguments.get(0));
    long seed = arguments.size() > 1 ? Long.parseLong(arguments.get(1)) : 1;
    Duration length =
        Duration.ofSeconds(arguments.size() > 2 ? Long.parseLong(arguments.get(2)) : 6);
    List<StoreFault> faults =
        arguments.size() > 3
            ? arguments.subList(3, arguments.size()).stream()
                .map(name -> StoreFault.valueOf(name.toUpperCase(Locale.ROOT)))
                .toList()
            : List.of(StoreFault.values());
    int broken = 0;
    int done = 0;
    try (LinearRun run = start()) {
      for (int i = 0; i < count; i++) {
        for (StoreFault fault : faults.stream().filter(run::can).toList()) {
          Result result = run.history(fault, seed + i, length);
          out.println(result);
          done++;
          broken += result.faults().isEmpty() ? 0 : 1;
        }
      }
    }
    out.printf("%d histories, %d broke a promise%n", done, broken);
    return broken == 0;
  }
}
