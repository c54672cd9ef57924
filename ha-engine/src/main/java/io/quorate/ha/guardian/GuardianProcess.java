package io.quorate.ha.guardian;

import io.quorate.ha.port.Guardian;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, takes over, feeds and ends the guardian ({@code guardian.sh}). All file and pipe work is
 * done on a thread of its own, so that a guardian that does not read holds up nobody.
 */
public final class GuardianProcess implements Guardian, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GuardianProcess.class);
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(2);
  private static final Duration STEP = Duration.ofMillis(2);
  private static final long NANOS_PER_HUNDREDTH = 10_000_000;

  /** The deadline of a guardian that watches nothing yet. */
  private static final long IDLE = 0;

  /** Feeds not yet taken, at which the guardian counts as stuck. */
  private static final int BACKLOG_MAX = 8;

  private final GuardianFiles files;
  private final Path dataDir;
  private final MonotonicClock clock;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("guardian-feed").factory());
  private final AtomicInteger backlog = new AtomicInteger();
  private volatile boolean armed;
  private @Nullable RandomAccessFile pipe;
  private long words;

  /**
   * Looks for the guardian of an earlier run.
   *
   * @param stateDir the agent's own directory
   * @param dataDir PGDATA of the instance
   */
  public GuardianProcess(Path stateDir, Path dataDir, MonotonicClock clock) {
    this.files = new GuardianFiles(stateDir);
    this.dataDir = dataDir;
    this.clock = clock;
    this.armed = files.running().isPresent();
  }

  @Override
  public CompletionStage<Boolean> arm(BootTime aliveUntil) {
    return onThread(() -> armNow(aliveUntil));
  }

  @Override
  public void prepare() {
    execute(this::prepareNow);
  }

  @Override
  public void feed(BootTime aliveUntil) {
    if (!armed) {
      return;
    }
    if (backlog.incrementAndGet() > BACKLOG_MAX) {
      backlog.decrementAndGet();
      armed = false;
      LOG.warn("guardian outcome=failure \"it does not read what it is fed\"");
      return;
    }
    execute(() -> {
      backlog.decrementAndGet();
      feedNow(aliveUntil);
    });
  }

  /** What is asked while the agent closes is not done: the guardian goes on by itself. */
  private void execute(Runnable work) {
    try {
      thread.execute(work);
    } catch (RejectedExecutionException e) {
      armed = false;
    }
  }

  @Override
  public CompletionStage<Boolean> disarm() {
    return onThread(this::disarmNow);
  }

  @Override
  public boolean armed() {
    return armed;
  }

  private CompletionStage<Boolean> onThread(BooleanSupplier work) {
    try {
      return CompletableFuture.supplyAsync(work::getAsBoolean, thread)
          .exceptionally(failure -> {
            LOG.warn("guardian outcome=failure \"{}\"", failure.getMessage());
            return false;
          });
    } catch (RejectedExecutionException e) {
      armed = false;
      return CompletableFuture.completedFuture(false);
    }
  }

  private void prepareNow() {
    try {
      if (files.running().isEmpty()) {
        begin(IDLE);
        boolean started = answers();
        LOG.info("guardian outcome={} \"stands ready\"", started ? "success" : "failure");
      }
    } catch (IOException e) {
      LOG.warn("guardian outcome=failure \"{}\"", e.getMessage());
    }
  }

  private void begin(long deadline) throws IOException {
    files.prepare();
    files.forget();
    open();
    spawn(deadline);
  }

  private boolean answers() throws IOException {
    String word = "w" + clock.now().nanos() + "-" + words++;
    write("hello " + word);
    return await(() -> files.answered(word));
  }

  private boolean armNow(BootTime aliveUntil) {
    try {
      boolean takenOver = files.running().isPresent();
      if (takenOver) {
        write("alive " + hundredths(aliveUntil));
      } else {
        begin(Math.max(IDLE + 1, hundredths(aliveUntil)));
      }
      armed = answers();
      LOG.info(
          "guardian outcome={} \"{}\"",
          armed ? "success" : "failure",
          takenOver ? "taken over" : "started");
      return armed;
    } catch (IOException e) {
      LOG.warn("guardian outcome=failure \"{}\"", e.getMessage());
      return false;
    }
  }

  private void spawn(long deadline) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "setsid",
                "bash",
                files.script().toString(),
                files.fifo().toString(),
                dataDir.toString(),
                files.pidFile().toString(),
                Long.toString(deadline)));
    builder.directory(Path.of("/").toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
    builder.start();
  }

  /** Open for both, as the guardian has it: opening for writing alone waits for a reader. */
  private RandomAccessFile open() throws IOException {
    RandomAccessFile open = pipe;
    if (open == null) {
      open = new RandomAccessFile(files.fifo().toFile(), "rw");
      pipe = open;
    }
    return open;
  }

  private void write(String line) throws IOException {
    open().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void feedNow(BootTime aliveUntil) {
    try {
      if (files.running().isEmpty()) {
        armed = false;
        LOG.warn("guardian outcome=failure \"it is gone\"");
        return;
      }
      write("alive " + hundredths(aliveUntil));
    } catch (IOException e) {
      armed = false;
      LOG.warn("guardian outcome=failure \"{}\"", e.getMessage());
    }
  }

  private boolean disarmNow() {
    files.all().forEach(ProcessHandle::destroyForcibly);
    boolean gone = await(() -> files.all().isEmpty());
    if (gone) {
      files.forget();
      armed = false;
      closePipe();
    }
    return gone;
  }

  /** Rounded down: never later than what the holder may believe. */
  private static long hundredths(BootTime time) {
    return Math.max(0, Math.floorDiv(time.nanos(), NANOS_PER_HUNDREDTH));
  }

  private boolean await(BooleanSupplier condition) {
    BootTime until = clock.now().plus(ANSWER_BOUND);
    while (!condition.getAsBoolean()) {
      if (!clock.now().isBefore(until)) {
        return false;
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
    return true;
  }

  private void closePipe() {
    RandomAccessFile open = pipe;
    pipe = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Stops feeding; the guardian goes on by itself. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
