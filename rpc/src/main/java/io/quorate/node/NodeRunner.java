package io.quorate.node;

import ch.qos.logback.classic.Level;
import io.quorate.cli.ExitStatus;
import io.quorate.ha.HaEngine;
import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    NodeConfig config = valid.config();
    LogSetup.setLevel(level(config.logLevel()));
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
    CompletableFuture<String> asked = new CompletableFuture<>();
    for (String name : new String[] {"TERM", "INT"}) {
      Signals.handle(name, asked::complete);
    }
    Signals.handle("HUP", _ -> reload(file, config));
    int status = awaitEnd(assembly.engine(), asked);
    assembly.close();
    return status;
  }

  private static void say(ConfigResult.Valid valid) {
    valid.notices().forEach(notice -> LOG.info("config \"{}\"", notice));
    valid.ignored().forEach(ignored -> LOG.warn("config without effect: \"{}\"", ignored));
  }

  /**
   * SIGHUP: what can change while the agent runs does, the rest is named; a wrong file changes
   * nothing.
   */
  private static void reload(Path file, NodeConfig running) {
    switch (ConfigLoader.withEnvironment(System.getenv()).load(file)) {
      case ConfigResult.Invalid(List<String> errors) ->
          errors.forEach(
              error -> LOG.error("reload outcome=failure \"{}\"; nothing was changed", error));
      case ConfigResult.Valid valid -> {
        LogSetup.setLevel(level(valid.config().logLevel()));
        NodeConfig next = valid.config();
        List<String> needRestart = new ArrayList<>();
        differs(needRestart, "restapi", running.restApi(), next.restApi());
        differs(needRestart, "grpc", running.grpc(), next.grpc());
        differs(needRestart, "raft", running.raft(), next.raft());
        differs(needRestart, "postgresql", running.postgres(), next.postgres());
        differs(needRestart, "tags", running.tags(), next.tags());
        if (needRestart.isEmpty()) {
          LOG.info("reload outcome=success");
        } else {
          LOG.warn(
              "reload outcome=success \"the log level is taken; restart the agent (PostgreSQL goes"
                  + " on) for: {}\"",
              String.join(", ", needRestart));
        }
      }
    }
  }

  private static void differs(List<String> names, String name, Object before, Object after) {
    if (!before.equals(after)) {
      names.add(name);
    }
  }

  private static Level level(NodeConfig.LogLevel level) {
    return switch (level) {
      case DEBUG -> Level.DEBUG;
      case INFO -> Level.INFO;
      case WARN -> Level.WARN;
      case ERROR -> Level.ERROR;
    };
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
