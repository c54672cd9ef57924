package io.quorate.ha.postgres;

import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PostgreSQL instance on this host, run by the same user as the agent. Work is done on threads
 * of its own: one for operations, one for looking, and for each fence another, so that none waits
 * for one that hangs.
 */
public final class LocalPostgres implements PostgresControl, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalPostgres.class);
  private static final Duration SAMPLE_BOUND = Duration.ofSeconds(2);

  /** For a statement of an operation: a busy server is no reason to give an operation up. */
  private static final Duration OPERATION_BOUND = Duration.ofSeconds(10);

  private final TaskScheduler scheduler;
  private final Postmaster postmaster;
  private final PostgresSampler sampler;
  private final Operations operations;
  private final SettingsReload settingsReload;
  private final ParameterTrial trial;
  private final UpstreamSocket socket;
  private final ExecutorService operationThread = single("quorate-postgres");
  private final ExecutorService sampleThread = single("quorate-sample");
  private final ExecutorService fenceThreads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon(true).name("quorate-fence-", 0).factory());
  private final AtomicInteger sampling = new AtomicInteger();
  private final MonotonicClock clock;
  private volatile @Nullable BootTime answered;
  private final LocalSql operationSql;
  private final LocalSql sampleSql;

  /**
   * Looks at nothing and starts nothing yet.
   *
   * @param launcher starts PostgreSQL's programs
   * @param scheduler bounds the answer of {@link #sample()}
   */
  public LocalPostgres(
      PostgresConfig config,
      ProcessLauncher launcher,
      MonotonicClock clock,
      TaskScheduler scheduler) {
    Instance instance = new Instance(config);
    Patience patience = new Patience(clock);
    UnfinishedWork unfinished = new UnfinishedWork(instance);
    ConfigFiles configFiles = new ConfigFiles(instance);
    Slots slots = new Slots(instance);
    this.scheduler = scheduler;
    this.clock = clock;
    this.operationSql = new LocalSql(instance, (int) OPERATION_BOUND.toMillis());
    this.sampleSql = new LocalSql(instance, (int) SAMPLE_BOUND.toMillis());
    this.postmaster =
        new Postmaster(instance, launcher, new InstanceProcesses(config.dataDir()), patience);
    this.socket = new UpstreamSocket(config.stateDir(), config.port());
    ServerControl server =
        new ServerControl(instance, launcher, postmaster, configFiles, operationSql, patience);
    this.sampler =
        new PostgresSampler(
            instance,
            launcher,
            postmaster,
            new DirectoryCheck(instance, launcher, unfinished),
            configFiles,
            sampleSql,
            slots,
            server::given);
    this.settingsReload = new SettingsReload(server);
    this.trial = new ParameterTrial(instance, launcher);
    this.operations = new Operations(server, socket, unfinished, slots);
  }

  private static ExecutorService single(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon(true).name(name).factory());
  }

  /** Work that may fail in the ways the outside fails. */
  private interface Work {
    OperationResult run() throws IOException;
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    Postmaster.Permit permit = postmaster.permit();
    return on(operationThread, () -> operations.run(permit, operation));
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return on(operationThread, operations::endOfWal);
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return on(operationThread, () -> operations.keepDiverged(from, to));
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    return on(fenceThreads, () -> operations.fence(reason));
  }

  /** What became of {@link #reconfigure}. */
  public sealed interface Reconfigured {

    /** In force, but for the parameters named: they wait for a restart of PostgreSQL. */
    record Done(List<String> pendingRestart) implements Reconfigured {
      /** Copies the list. */
      public Done {
        pendingRestart = List.copyOf(pendingRestart);
      }
    }

    /** Nothing was changed. */
    record Refused(String reason) implements Reconfigured {}
  }

  /**
   * Gives the instance the local settings of {@code next} (parameters, pg_hba, pg_ident), running
   * or not; what PostgreSQL would refuse changes nothing. Begins after the operation under way.
   *
   * @param cluster the whole cluster's parameters
   */
  public CompletionStage<Reconfigured> reconfigure(
      PostgresConfig next, Map<String, String> cluster) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return new Reconfigured.Done(settingsReload.run(next, cluster));
          } catch (PostgresFailure e) {
            return new Reconfigured.Refused(String.valueOf(e.getMessage()));
          } catch (IOException | UncheckedIOException e) {
            return new Reconfigured.Refused(describe(e));
          }
        },
        operationThread);
  }

  /**
   * What PostgreSQL has against {@code parameters}, one line for each that it refuses; empty where
   * it cannot be asked. Any thread may call; blocks for as long as a few starts of its program.
   */
  public List<String> objections(Map<String, String> parameters) {
    return trial.objections(parameters);
  }

  /** The whole cluster's parameters as PostgreSQL was last given them; from any thread. */
  public Map<String, String> clusterParameters() {
    return operations.clusterParameters();
  }

  private static CompletionStage<OperationResult> on(ExecutorService thread, Work work) {
    return CompletableFuture.supplyAsync(() -> attempt(work), thread);
  }

  private static OperationResult attempt(Work work) {
    try {
      return work.run();
    } catch (PostgresFailure e) {
      return new OperationResult.Failed(String.valueOf(e.getMessage()), e.needsRebuild());
    } catch (IOException | UncheckedIOException e) {
      return new OperationResult.Failed(describe(e), false);
    } catch (RuntimeException e) {
      LOG.error("an operation on PostgreSQL ended by a mistake in the program", e);
      return new OperationResult.Failed("internal error: " + e, false);
    }
  }

  private static String describe(Exception e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left on device")
        ? "the disk is full: " + message
        : e.getClass().getSimpleName() + ": " + message;
  }

  /** Answers within 2 seconds, whatever hangs. */
  @Override
  public CompletionStage<PostgresStatus> sample() {
    CompletableFuture<PostgresStatus> answer = new CompletableFuture<>();
    if (sampling.incrementAndGet() > 2) {
      // One hangs and one waits for it already: a third would only pile up.
      sampling.decrementAndGet();
      answer.complete(unresponsive());
      return answer;
    }
    TaskScheduler.Cancellable bound =
        scheduler.schedule(
            SAMPLE_BOUND,
            () -> {
              boolean _ = answer.complete(unresponsive());
            });
    sampleThread.execute(() -> {
      try {
        PostgresStatus status = sampler.sample();
        if (status instanceof PostgresStatus.Primary || status instanceof PostgresStatus.Standby) {
          answered = clock.now();
        }
        boolean _ = answer.complete(status);
      } catch (RuntimeException e) {
        LOG.error("looking at PostgreSQL failed by a mistake in the program", e);
        boolean _ = answer.complete(new PostgresStatus.Unresponsive("internal error: " + e));
      } finally {
        sampling.decrementAndGet();
        bound.cancel();
      }
    });
    return answer;
  }

  @Override
  public Optional<BootTime> answered() {
    return Optional.ofNullable(answered);
  }

  @Override
  public void mayBecomeWritableUntil(BootTime deadline) {
    postmaster.mayBecomeWritableUntil(deadline);
  }

  private static PostgresStatus unresponsive() {
    return new PostgresStatus.Unresponsive("no answer within " + SAMPLE_BOUND.toSeconds() + " s");
  }

  @Override
  public void onProcessChange(Runnable listener) {
    postmaster.onChange(listener);
  }

  @Override
  public Optional<CopyProgress> copyProgress() {
    return operations.copyProgress();
  }

  /** Lets go of PostgreSQL, which goes on. */
  @Override
  public void close() {
    operationThread.shutdownNow();
    sampleThread.shutdownNow();
    fenceThreads.shutdown();
    socket.close();
    operationSql.close();
    sampleSql.close();
  }
}
