package io.quorate.node;

import io.quorate.cli.ExitStatus;
import io.quorate.ha.HaEngine;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a member in the foreground until it may end: SIGTERM and SIGINT ask it to hand over and
 * stop.
 */
public final class NodeRunner {

  private static final Logger LOG = LoggerFactory.getLogger(NodeRunner.class);

  /** A stop that takes longer than this is cut off: PostgreSQL is then left as it is. */
  private static final Duration STOP_BOUND = Duration.ofMinutes(2);

  private NodeRunner() {}

  /** Runs; returns the exit status. */
  static int run(Path file, ConfigResult.Valid valid, String version) {
    Signals signals = Signals.install();
    NodeConfig config = valid.config();
    LogSetup.setLevel(config.logLevel());
    LOG.info(
        "start outcome=started member={} scope={} version={} file={}",
        config.name(),
        config.scope(),
        version,
        file);
    say(valid);
    NodeAssembly assembly;
    try {
      assembly = NodeAssembly.start(config, version);
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "start outcome=failure \"{}\"", StartFailures.reason(e), LOG.isDebugEnabled() ? e : null);
      return StartFailures.status(e);
    }
    LOG.info(
        "start outcome=success member={} scope={} version={}",
        config.name(),
        config.scope(),
        version);
    Reload reload = new Reload(file, config, assembly);
    signals.onReload(reload);
    assembly.reloadBy(reload);
    int status = awaitEnd(assembly.engine(), signals.stopAsked());
    assembly.close();
    return status;
  }

  private static void say(ConfigResult.Valid valid) {
    valid.notices().forEach(notice -> LOG.info("config \"{}\"", notice));
    valid.ignored().forEach(ignored -> LOG.warn("config without effect: \"{}\"", ignored));
  }

  private static int awaitEnd(HaEngine engine, CompletableFuture<String> asked) {
    CompletableFuture<Boolean> ended = engine.ended().toCompletableFuture();
    try {
      CompletableFuture.anyOf(asked, ended).get();
      if (ended.isDone()) {
        LOG.info("stop outcome=success \"the whole cluster was asked to stop\"");
        return ExitStatus.DONE;
      }
      LOG.info("stop outcome=started \"{}: handing over, then stopping\"", asked.get());
      engine.stop().toCompletableFuture().get(STOP_BOUND.toSeconds(), TimeUnit.SECONDS);
      LOG.info("stop outcome=success");
      return ExitStatus.DONE;
    } catch (TimeoutException e) {
      LOG.error("stop outcome=failure \"not stopped within {}\"", STOP_BOUND);
      return ExitStatus.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitStatus.FAILED;
    } catch (ExecutionException e) {
      LOG.error("stop outcome=failure \"{}\"", StartFailures.reason(e));
      return ExitStatus.FAILED;
    }
  }
}
