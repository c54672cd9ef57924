package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Decision;
import io.quorate.ha.decide.DecisionEngine;
import io.quorate.ha.decide.DecisionRules;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.decide.StopRequest;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects facts to judgement and judgement to deeds. Everything here runs on the ports' executor,
 * one task at a time; public methods may be called from any thread.
 */
public final class HaLoop {

  private HaConfig config;
  private final DecisionRules rules;
  private final HaPorts ports;
  private final LoopMemory memory;
  private final KeyGuard keyGuard;
  private final ClusterWatch watch;
  private final PrimaryHold hold;
  private final MemberPublisher publisher;
  private final ClusterTransactions transactions;
  private final PostgresSampling sampling;
  private final ActionRunner runner;
  private final ObservationMaker observations;
  private final Publication publication;
  private final Runnable exited;

  private boolean stepQueued;
  private boolean closed;
  private TaskScheduler.@Nullable Cancellable wakeUp;
  private DecisionEngine.@Nullable Judgement last;
  private Optional<ClusterView> previousView = Optional.empty();

  /**
   * Makes a loop; nothing happens before {@link #start()}.
   *
   * @param published gets each new snapshot, on the loop; must not block
   * @param exited called once the agent may end
   * @throws java.io.UncheckedIOException if the durable state cannot be read
   */
  public HaLoop(
      HaConfig config,
      HaPorts ports,
      DecisionRules rules,
      Consumer<NodeSnapshot> published,
      Runnable exited) {
    this.config = config;
    this.rules = rules;
    this.ports = ports;
    this.exited = exited;
    this.memory = new LoopMemory(ports.nodeState().load());
    ClusterKeys keys = new ClusterKeys(config.namespace(), config.scope());
    this.transactions = new ClusterTransactions(keys, config.name());
    this.keyGuard = new KeyGuard(ports.store(), ports.scheduler(), ports.executor(), keys.prefix());
    this.watch = new ClusterWatch(ports, keys, this::viewChanged);
    this.sampling = new PostgresSampling(ports, memory);
    FenceTimer fenceTimer =
        new FenceTimer(
            ports.postgres(),
            ports.clock(),
            ports.scheduler(),
            () -> ports.executor().execute(() -> sampling.then(this::wake)));
    this.hold =
        new PrimaryHold(
            ports, keys.leader(), () -> settings().timings(), fenceTimer, this::holdChanged);
    hold.guarded(!memory.durable.paused());
    this.publisher =
        new MemberPublisher(ports, transactions, () -> settings().timings(), this::storeAnswered);
    this.publication = new Publication(ports, memory, hold, watch, publisher, published);
    this.observations = new ObservationMaker(ports, memory, hold, watch);
    this.runner =
        new ActionRunner(
            config,
            ports,
            memory,
            hold,
            watch,
            publisher,
            transactions,
            new IntentTransactions(keys),
            new ActionRunner.Loop() {
              @Override
              public void wake() {
                HaLoop.this.wake();
              }

              @Override
              public void sampleThen(Runnable then) {
                sampling.then(then);
              }

              @Override
              public void exit() {
                close();
                HaLoop.this.exited.run();
              }
            });
  }

  /** Begins to watch and to decide. */
  public void start() {
    ports
        .executor()
        .execute(() -> {
          ports
              .postgres()
              .onProcessChange(() -> ports.executor().execute(() -> sampling.then(this::wake)));
          ports.store().onStatusChange(_ -> ports.executor().execute(this::wake));
          keyGuard.start();
          watch.start();
          sampleRegularly();
        });
  }

  /** Decides from now on with these, and publishes the tags. */
  public void reconfigure(MemberTags tags, Observation.RejoinPolicy rejoin) {
    ports
        .executor()
        .execute(() -> {
          config = config.with(tags, rejoin);
          wake();
        });
  }

  /** Completes once the store refuses to let clients write the cluster's keys. */
  public CompletionStage<Revision> keysGuarded() {
    return keyGuard.guarded();
  }

  /** Asks this agent to stop; a primary hands over first. */
  public void stop() {
    ports.executor().execute(() -> stopAs(StopRequest.MEMBER));
  }

  /**
   * Asks every agent that is a member now to stop, the whole cluster at once: standbys first, no
   * hand-over. Completes with an empty text, or with why it could not be asked for.
   */
  public CompletionStage<String> stopCluster() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    ports
        .executor()
        .execute(() -> {
          Optional<Keyspace> known = watch.current();
          if (known.isEmpty()) {
            answer.complete("the store has not answered yet: no majority of its voters");
            return;
          }
          List<String> runIds =
              known.get().view().members().values().stream().map(MemberInfo::runId).toList();
          var _ =
              ports
                  .store()
                  .txn(transactions.stopCluster(runIds), Principal.MEMBER)
                  .thenAccept(outcome ->
                      answer.complete(
                          switch (outcome) {
                            case Outcome.Done<?> _ -> "";
                            case Outcome.NotDone<?>(var error) ->
                                "the store does not answer: " + error.message();
                            case Outcome.Unknown<?>(String why) ->
                                "it is not known whether they were asked (" + why + ")";
                          }));
        });
    return answer;
  }

  /** Stops deciding, at once; PostgreSQL is left as it is. */
  public void close() {
    closed = true;
    keyGuard.close();
    watch.close();
    publisher.close();
  }

  private void stopAs(StopRequest request) {
    if (memory.stop == StopRequest.NONE) {
      memory.stop = request;
      memory.stopAskedAt = Optional.of(ports.clock().now());
    }
    wake();
  }

  private ClusterSettings settings() {
    return watch
        .current()
        .flatMap(keyspace -> keyspace.view().settings())
        .orElse(config.bootstrap());
  }

  // Facts

  private void viewChanged(Keyspace keyspace) {
    BootTime now = ports.clock().now();
    memory.saw(previousView, keyspace.view(), now, ports.wallClock().instant());
    previousView = Optional.of(keyspace.view());
    storeAnswered();
    if (!keyspace.damaged().isEmpty()) {
      ports.events().trouble(now, "unreadable in the store: " + keyspace.damaged());
    }
    if (keyspace.view().stopAsked().contains(config.runId())) {
      stopAs(StopRequest.CLUSTER);
    }
    wake();
  }

  private void holdChanged() {
    storeAnswered();
    wake();
  }

  private void storeAnswered() {
    publication.storeAnswered();
  }

  private void sampleRegularly() {
    if (closed) {
      return;
    }
    sampling.then(this::wake);
    ports
        .scheduler()
        .schedule(
            settings().timings().statusEvery(),
            () -> ports.executor().execute(this::sampleRegularly));
  }

  // Judgement

  private void wake() {
    if (!stepQueued && !closed) {
      stepQueued = true;
      ports.executor().execute(this::step);
    }
  }

  private void step() {
    stepQueued = false;
    if (closed) {
      return;
    }
    Observation observation = observations.observe(config, settings());
    DecisionEngine.Judgement judgement = DecisionEngine.decide(observation, rules);
    note(observation, judgement);
    publication.publish(config, settings(), observation.now(), last == null ? judgement : last);
    for (Action action : judgement.decision().actions()) {
      runner.start(action);
      if (closed) {
        return;
      }
    }
    TaskScheduler.Cancellable pending = wakeUp;
    if (pending != null) {
      pending.cancel();
    }
    wakeUp =
        ports
            .scheduler()
            .schedule(judgement.decision().wakeAfter(), () -> ports.executor().execute(this::wake));
  }

  private void note(Observation observation, DecisionEngine.Judgement judgement) {
    DecisionEngine.Judgement before = last;
    Decision decision = judgement.decision();
    boolean changed =
        before == null
            || !before.situation().name().equals(judgement.situation().name())
            || before.decision().code() != decision.code()
            || (!before.decision().equals(decision)
                && decision.actions().stream().anyMatch(runner::wouldStart));
    boolean waiting = decision.code() == Decision.Code.BUSY;
    if (changed && !waiting) {
      ports
          .events()
          .decided(
              observation.now(), judgement.situation().name(), decision.code(), decision.reason());
    }
    if (!waiting) {
      last = judgement;
    }
  }
}
