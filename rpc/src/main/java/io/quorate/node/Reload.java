package io.quorate.node;

import io.quorate.ha.postgres.LocalPostgres;
import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP: reads the file again as a whole. What can change while the agent runs does, the rest is
 * named by its path; a wrong file changes nothing. One reload at a time, on the caller's thread.
 */
final class Reload implements Consumer<String> {

  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

  /** PostgreSQL's part waits for the operation under way, which may be a copy of the database. */
  private static final long POSTGRES_BOUND_MINUTES = 10;

  private final Path file;
  private final NodeAssembly node;
  private NodeConfig running;

  Reload(Path file, NodeConfig running, NodeAssembly node) {
    this.file = file;
    this.running = running;
    this.node = node;
  }

  @Override
  public synchronized void accept(String signal) {
    boolean _ = node.refreshCertificates();
    switch (ConfigLoader.withEnvironment(System.getenv()).load(file)) {
      case ConfigResult.Invalid(List<String> errors) ->
          errors.forEach(
              error -> LOG.error("reload outcome=failure \"{}; nothing was changed\"", error));
      case ConfigResult.Valid valid -> {
        valid.ignored().forEach(ignored -> LOG.warn("config without effect: \"{}\"", ignored));
        carryOut(ReloadPlan.of(running, valid.config()));
      }
    }
  }

  private void carryOut(ReloadPlan plan) {
    List<String> pending = List.of();
    if (plan.changesPostgres()) {
      switch (postgres(plan.next())) {
        case LocalPostgres.Reconfigured.Done(List<String> names) -> pending = names;
        case LocalPostgres.Reconfigured.Refused(String reason) -> {
          LOG.error("reload outcome=failure \"{}; nothing was changed\"", reason);
          return;
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
    if (!pending.isEmpty()) {
      LOG.warn(
          "reload \"these PostgreSQL parameters wait for a restart of PostgreSQL: {}\"",
          list(pending));
    }
    if (!plan.withoutEffect().isEmpty()) {
      LOG.warn(
          "reload \"read only when a cluster is made, and so without effect now: {}\"",
          list(plan.withoutEffect()));
    }
  }

  private LocalPostgres.Reconfigured postgres(NodeConfig next) {
    Map<String, String> cluster =
        node.engine()
            .snapshot()
            .map(snapshot -> snapshot.settings().parameters())
            .orElse(next.settings().parameters());
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
