package io.quorate.node;

import io.quorate.ha.port.OperationResult;
import io.quorate.ha.postgres.LocalPostgres;
import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, and an operator's reload: reads the file again as a whole. What can change while the
 * agent runs does, the rest is named by its path; a wrong file changes nothing. One reload at a
 * time, on the caller's thread.
 */
final class Reload implements Consumer<String> {

  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

  /** PostgreSQL's part waits for the operation under way, which may be a copy of the database. */
  private static final long POSTGRES_BOUND_MINUTES = 10;

  private final Path file;
  private final NodeAssembly node;
  private NodeConfig running;
  private volatile Optional<String> refused = Optional.empty();

  Reload(Path file, NodeConfig running, NodeAssembly node) {
    this.file = file;
    this.running = running;
    this.node = node;
  }

  /** Why PostgreSQL did not take what it was last given; empty where it did. Any thread. */
  Optional<String> refused() {
    return refused;
  }

  @Override
  public synchronized void accept(String signal) {
    read(Optional.empty());
  }

  /** An operator's: PostgreSQL gets its settings whether or not they changed. */
  synchronized OperationResult wished(Map<String, String> cluster) {
    return read(Optional.of(cluster));
  }

  /** The whole cluster's parameters changed; the file is not read again. */
  synchronized void follow(Map<String, String> cluster) {
    if (node.postgres().filter(p -> p.clusterParameters().equals(cluster)).isPresent()) {
      // Also where what was refused is gone again.
      refused = Optional.empty();
      return;
    }
    switch (postgres(running, cluster)) {
      case LocalPostgres.Reconfigured.Done(List<String> pending) -> {
        refused = Optional.empty();
        LOG.info("reload outcome=success \"in force: the cluster's parameters\"");
        waiting(pending);
      }
      case LocalPostgres.Reconfigured.Refused(String reason) -> {
        refused = Optional.of("the cluster's parameters are not in force: " + reason);
        LOG.error(
            "reload outcome=failure \"the cluster's parameters are not in force: {}\"", reason);
      }
    }
  }

  private OperationResult read(Optional<Map<String, String>> wished) {
    boolean _ = node.refreshCertificates();
    return switch (ConfigLoader.withEnvironment(System.getenv()).load(file)) {
      case ConfigResult.Invalid(List<String> errors) -> {
        errors.forEach(
            error -> LOG.error("reload outcome=failure \"{}; nothing was changed\"", error));
        yield new OperationResult.Failed(
            String.join("; ", errors) + "; nothing was changed", false);
      }
      case ConfigResult.Valid valid -> {
        valid.ignored().forEach(ignored -> LOG.warn("config without effect: \"{}\"", ignored));
        yield carryOut(ReloadPlan.of(running, valid.config()), wished);
      }
    };
  }

  private OperationResult carryOut(ReloadPlan plan, Optional<Map<String, String>> wished) {
    List<String> pending = List.of();
    if (plan.changesPostgres() || wished.isPresent()) {
      switch (postgres(plan.next(), wished.orElseGet(() -> cluster(plan.next())))) {
        case LocalPostgres.Reconfigured.Done(List<String> names) -> {
          pending = names;
          refused = Optional.empty();
        }
        case LocalPostgres.Reconfigured.Refused(String reason) -> {
          LOG.error("reload outcome=failure \"{}; nothing was changed\"", reason);
          return new OperationResult.Failed(reason + "; nothing was changed", false);
        }
      }
    }
    LogSetup.setLevel(plan.next().logLevel());
    node.engine().reconfigure(plan.next().tags(), NodeAssembly.rejoin(plan.next()));
    node.setAccess(plan.next().access().guard());
    running = plan.next();
    LOG.info("reload outcome=success \"in force: {}\"", list(plan.applied()));
    if (!plan.needRestart().isEmpty()) {
      LOG.warn(
          "reload \"these keep their old value until the agent is restarted (PostgreSQL goes on"
              + " when the agent is killed, or stops with it): {}\"",
          list(plan.needRestart()));
    }
    waiting(pending);
    if (!plan.withoutEffect().isEmpty()) {
      LOG.warn(
          "reload \"read only when a cluster is made, and so without effect now: {}\"",
          list(plan.withoutEffect()));
    }
    return new OperationResult.Reloaded(told(plan, pending));
  }

  private static void waiting(List<String> pending) {
    if (!pending.isEmpty()) {
      LOG.warn(
          "reload \"these PostgreSQL parameters wait for a restart of PostgreSQL: {}\"",
          list(pending));
    }
  }

  /** The same as in the log, in one sentence. */
  private static String told(ReloadPlan plan, List<String> pending) {
    StringBuilder text = new StringBuilder("in force: ").append(list(plan.applied()));
    if (!plan.needRestart().isEmpty()) {
      text.append("; old until the agent is restarted: ").append(list(plan.needRestart()));
    }
    if (!pending.isEmpty()) {
      text.append("; waiting for a restart of PostgreSQL: ").append(list(pending));
    }
    if (!plan.withoutEffect().isEmpty()) {
      text.append("; without effect now: ").append(list(plan.withoutEffect()));
    }
    return text.toString();
  }

  private Map<String, String> cluster(NodeConfig next) {
    return node.engine()
        .snapshot()
        .map(snapshot -> snapshot.settings().parameters())
        .orElse(next.settings().parameters());
  }

  private LocalPostgres.Reconfigured postgres(NodeConfig next, Map<String, String> cluster) {
    return node.postgres()
        .flatMap(
            postgres -> next.postgres().map(settings -> postgres.reconfigure(settings, cluster)))
        .orElseGet(() ->
            CompletableFuture.completedFuture(
                new LocalPostgres.Reconfigured.Refused("a witness has no PostgreSQL")))
        .toCompletableFuture()
        .completeOnTimeout(
            new LocalPostgres.Reconfigured.Refused("PostgreSQL is busy with something else"),
            POSTGRES_BOUND_MINUTES,
            TimeUnit.MINUTES)
        .join();
  }

  private static String list(List<String> names) {
    return names.isEmpty() ? "nothing changed" : String.join(", ", names);
  }
}
