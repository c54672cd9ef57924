package io.quorate.ha.postgres;

import io.quorate.ha.node.DurableFiles;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server process of the instance: starts it so that it outlives the agent, finds one that runs,
 * notices its end by event. Starting and ending exclude each other: a start that was under way when
 * everything was ordered to end does not happen.
 */
final class Postmaster {

  private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);
  private static final Duration QUIT_GRACE = Duration.ofMillis(250);
  private static final Duration KILL_BOUND = Duration.ofSeconds(10);

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final InstanceProcesses processes;
  private final Patience patience;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Object gate = new Object();

  /** Held for moments only: never while one waits for processes or for a disk. */
  private final Object beginning = new Object();

  private final AtomicLong endings = new AtomicLong();
  private volatile @Nullable ProcessWatch watch;
  private volatile @Nullable Process child;
  private volatile long named;
  private volatile @Nullable LogTail logTail;
  private volatile @Nullable BootTime writableUntil;

  Postmaster(
      Instance instance, ProcessLauncher launcher, InstanceProcesses processes, Patience patience) {
    this.instance = instance;
    this.launcher = launcher;
    this.processes = processes;
    this.patience = patience;
  }

  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Taken at the beginning of an operation: what it may start, unless an ending came since. */
  record Permit(long endings) {}

  Permit permit() {
    return new Permit(endings.get());
  }

  /** A step that must not happen after an ending was ordered. */
  interface Step {
    void run() throws IOException;
  }

  /**
   * Runs {@code step} unless an ending was ordered since {@code permit}.
   *
   * @throws PostgresFailure if one was
   */
  void guarded(Permit permit, Step step) throws IOException {
    synchronized (gate) {
      requireValid(permit);
      step.run();
    }
  }

  /**
   * For a step that takes time before the one thing that must not happen late.
   *
   * @throws PostgresFailure if an ending was ordered since {@code permit}
   */
  void requireValid(Permit permit) {
    if (permit.endings() != endings.get()) {
      throw new PostgresFailure("PostgreSQL was ended meanwhile");
    }
  }

  /** From {@code deadline} on {@link #requireHold} fails, unless another is given meanwhile. */
  void mayBecomeWritableUntil(BootTime deadline) {
    writableUntil = deadline;
  }

  /**
   * For the last moment before the server becomes writable: a thread that was held up must not
   * promote under a lease that is another's by now.
   *
   * @throws PostgresFailure if the lease's deadline has passed
   */
  void requireHold() {
    BootTime deadline = writableUntil;
    if (deadline != null && !patience.now().isBefore(deadline)) {
      throw new PostgresFailure("the lease ran out before PostgreSQL could become writable");
    }
  }

  /** The server process, if one runs; from now on its end is noticed. */
  Optional<PidFile> running() {
    Optional<PidFile> file = server();
    file.ifPresent(found -> {
      named = found.pid();
      ProcessWatch _ = watching(found.pid());
    });
    return file;
  }

  private Optional<PidFile> server() {
    // A stand-alone backend is none: at its end the next one of the same initdb may run already,
    // and would be taken for what a dead server left behind.
    return PidFile.read(instance.dataDir())
        .filter(file -> !file.standalone() && processes.belongs(file.pid()));
  }

  private ProcessWatch watching(long pid) {
    synchronized (gate) {
      ProcessWatch current = watch;
      if (current == null || current.pid() != pid || current.hasEnded()) {
        current =
            ProcessWatch.of(pid, () -> endOrphans(pid), () -> listeners.forEach(Runnable::run));
        watch = current;
      }
      return current;
    }
  }

  /**
   * The server process {@code ended}. What it leaves behind serves nobody, cannot be served by a
   * new server, and keeps one from being started. Where one runs there is nothing left, however
   * late this is noticed: what is found then is the new one's.
   */
  void endOrphans(long ended) {
    synchronized (beginning) {
      if (succeeded(ended)) {
        return;
      }
      List<Long> orphans = processes.find();
      if (!orphans.isEmpty()) {
        LOG.warn("ending what a dead server left behind in {}: {}", instance.dataDir(), orphans);
        int _ = processes.signal(orphans, Native.SIGKILL);
      }
    }
  }

  /** Whether another server, or a stand-alone backend, runs in the place of {@code ended}. */
  private boolean succeeded(long ended) {
    Process started = child;
    if (started != null && started.pid() != ended && started.isAlive()) {
      return true;
    }
    return PidFile.read(instance.dataDir())
        .filter(file -> file.pid() != ended && processes.belongs(file.pid()))
        .isPresent();
  }

  /**
   * Starts it with these settings on its command line and returns at once.
   *
   * @param prepare the last steps before, done only if it is then started
   */
  void start(Permit permit, SortedMap<String, String> controlled, Step prepare) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(instance.program("postgres"));
    command.add("-D");
    command.add(instance.dataDir().toString());
    controlled.forEach((name, value) -> {
      command.add("-c");
      command.add(name + "=" + value);
    });
    DurableFiles.makeDirectory(instance.stateDir());
    guarded(
        permit,
        () -> {
          requireStopped();
          removeForeignPidFile();
          prepare.run();
          requireValid(permit);
          logTail = LogTail.begin(instance.log(), instance.dataDir());
          Process process = spawn(command);
          DurableFiles.inheritOwner(instance.log());
          ProcessWatch _ = watching(process.pid());
          LOG.info("started PostgreSQL in {} as process {}", instance.dataDir(), process.pid());
        });
  }

  private Process spawn(List<String> command) {
    synchronized (beginning) {
      Process process = launcher.spawn(command, Map.of(), instance.log());
      child = process;
      return process;
    }
  }

  /**
   * A pid file whose number now belongs to some other program would keep PostgreSQL from starting.
   * No process of the instance runs, so the file speaks of nobody.
   */
  private void removeForeignPidFile() throws IOException {
    Optional<PidFile> left = PidFile.read(instance.dataDir());
    if (left.isPresent() && ProcessFacts.of(left.get().pid()).isPresent()) {
      boolean _ = DurableFiles.remove(instance.dataDir().resolve(PidFile.NAME));
    }
  }

  /**
   * Waits until the server just started lets clients in.
   *
   * @throws PostgresFailure with the end of PostgreSQL's log, if it ended or took too long
   */
  PidFile awaitReady(Duration bound) {
    BootTime began = patience.now();
    ProcessWatch started = watch;
    if (started == null) {
      throw new PostgresFailure("PostgreSQL was not started");
    }
    boolean settled =
        patience.until(
            bound,
            () ->
                started.hasEnded()
                    || PidFile.read(instance.dataDir())
                        .filter(file -> file.pid() == started.pid() && file.ready())
                        .isPresent());
    if (started.hasEnded()) {
      throw new PostgresFailure(startFailure());
    }
    if (!settled) {
      throw new PostgresFailure(
          "PostgreSQL does not accept connections "
              + patience.since(began).toSeconds()
              + " s after its start; its log says: "
              + logTail(3));
    }
    return PidFile.read(instance.dataDir()).orElseThrow(() -> new PostgresFailure(startFailure()));
  }

  private String startFailure() {
    LogTail said = logTail;
    String hint = said == null ? "" : StartFailure.hint(said.text());
    return hint + "PostgreSQL ended right after its start; its log says: " + logTail(6);
  }

  /** The end of what PostgreSQL said since it was last started here. */
  String logTail(int lines) {
    LogTail tail = logTail;
    return tail == null ? "(nothing: it was not started by this agent)" : tail.tail(lines);
  }

  /** Makes it read its configuration files again. */
  void reload() {
    PidFile file =
        running().orElseThrow(() -> new PostgresFailure("PostgreSQL ended before it was reloaded"));
    int _ = processes.signal(List.of(file.pid()), Native.SIGHUP);
  }

  /**
   * Fast shutdown; true if every process ended within {@code bound}. On false all is as before, but
   * shutting down.
   */
  boolean shutDown(Duration bound) {
    Optional<PidFile> file = running();
    if (file.isEmpty()) {
      return living().isEmpty();
    }
    ProcessWatch server = watching(file.get().pid());
    int _ = processes.signal(List.of(file.get().pid()), Native.SIGINT);
    return server.awaitEnd(bound) && patience.until(QUIT_GRACE, () -> living().isEmpty());
  }

  /**
   * Ends every process of the instance: immediate shutdown, then SIGKILL to what is left. From any
   * thread; no start that was permitted before happens after.
   *
   * @throws PostgresFailure if a process is left that cannot be killed
   */
  void endAll(String reason) {
    endings.incrementAndGet();
    // At once: a step under way may hang on the very disk that is the reason for all this.
    boolean lived = killAll();
    synchronized (gate) {
      // A step that was let through is over now: what it started is ended as well.
      lived |= killAll();
    }
    if (lived) {
      // Last: a log that is not read must not keep a server alive.
      LOG.warn("ended PostgreSQL in {}: {}", instance.dataDir(), reason);
    }
  }

  /** Tells whether there was anything to end. */
  private boolean killAll() {
    if (living().isEmpty()) {
      return false;
    }
    Optional<PidFile> server = server().filter(file -> !suspended(file));
    if (server.isPresent() && processes.signal(List.of(server.get().pid()), Native.SIGQUIT) > 0) {
      boolean _ = patience.until(QUIT_GRACE, () -> living().isEmpty());
    }
    boolean ended =
        patience.until(
            KILL_BOUND,
            () -> {
              List<Long> left = living();
              int _ = processes.signal(left, Native.SIGKILL);
              Process started = child;
              if (started != null && !left.isEmpty()) {
                started.destroyForcibly();
              }
              return left.isEmpty();
            });
    if (!ended) {
      throw new PostgresFailure(
          "processes "
              + living()
              + " of PostgreSQL do not end even after SIGKILL: the kernel holds them in I/O");
    }
    return true;
  }

  /** No process of the instance lives. */
  boolean confirmedStopped() {
    return living().isEmpty();
  }

  /**
   * Gives processes that are just ending a moment.
   *
   * @throws PostgresFailure naming those that do not end
   */
  void requireStopped() {
    if (!patience.until(QUIT_GRACE, this::confirmedStopped)) {
      throw new PostgresFailure(
          "processes of PostgreSQL run in "
              + instance.dataDir()
              + ": "
              + living()
              + "; stop them first");
    }
  }

  /**
   * Whether a server is under way that has not yet written its pid file. One whose file was read
   * before and cannot be read now is not starting: its directory is gone or closed to the agent.
   */
  boolean startUnderWay() {
    Process started = child;
    return started != null && started.isAlive() && started.pid() != named;
  }

  /** The instance's processes, and one just started that is not yet in its directory. */
  private List<Long> living() {
    List<Long> found = processes.find();
    Process started = child;
    if (found.isEmpty() && started != null && started.isAlive()) {
      boolean underWay = ProcessFacts.of(started.pid()).filter(facts -> !facts.ended()).isPresent();
      return underWay ? List.of(started.pid()) : found;
    }
    return found;
  }

  /** Whether the server process was stopped by a signal and cannot do anything. */
  boolean suspended(PidFile file) {
    return ProcessFacts.of(file.pid()).filter(ProcessFacts::stopped).isPresent();
  }

  /** Whether there is a data directory to run in at all. */
  boolean hasDirectory() {
    return Files.isDirectory(instance.dataDir());
  }
}
