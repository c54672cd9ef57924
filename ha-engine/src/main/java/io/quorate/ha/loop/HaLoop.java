package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Decision;
import io.quorate.ha.decide.DecisionEngine;
import io.quorate.ha.decide.DecisionRules;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.decide.StopRequest;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Upstream;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects facts to judgement and judgement to deeds. Everything here runs on the ports' executor,
 * one task at a time; public methods may be called from any thread.
 */
public final class HaLoop {

  private static final Duration VIEW_CATCH_UP = Duration.ofSeconds(1);

  private HaConfig config;
  private final DecisionRules rules;
  private final HaPorts ports;
  private final LoopMemory memory;
  private final KeyGuard keyGuard;
  private final ClusterWatch watch;
  private final PrimaryHold hold;
  private final MemberPublisher publisher;
  private final ClusterTransactions transactions;
  private final ActionRunner runner;
  private final Consumer<NodeSnapshot> published;
  private final Runnable exited;

  private boolean stepQueued;
  private boolean closed;
  private TaskScheduler.@Nullable Cancellable wakeUp;
  private DecisionEngine.@Nullable Judgement last;
  private long sampleSequence;
  private long sampleShown;
  private Optional<BootTime> viewAt = Optional.empty();
  private Optional<Instant> seenAt = Optional.empty();
  private DataId nextDataId;

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
    this.published = published;
    this.exited = exited;
    this.memory = new LoopMemory(ports.nodeState().load());
    this.nextDataId = randomDataId();
    ClusterKeys keys = new ClusterKeys(config.namespace(), config.scope());
    this.transactions = new ClusterTransactions(keys, config.name());
    this.keyGuard = new KeyGuard(ports.store(), ports.scheduler(), ports.executor(), keys.prefix());
    this.watch = new ClusterWatch(ports, keys, this::viewChanged);
    FenceTimer fenceTimer =
        new FenceTimer(
            ports.postgres(),
            ports.clock(),
            ports.scheduler(),
            () -> ports.executor().execute(() -> sampleThen(this::wake)));
    this.hold =
        new PrimaryHold(
            ports, keys.leader(), () -> settings().timings(), fenceTimer, this::holdChanged);
    hold.guarded(!memory.durable.paused());
    this.publisher =
        new MemberPublisher(ports, transactions, () -> settings().timings(), this::storeAnswered);
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
                HaLoop.this.sampleThen(then);
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
              .onProcessChange(() -> ports.executor().execute(() -> sampleThen(this::wake)));
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
                          outcome instanceof Outcome.Done<?> ? "" : outcome.toString()));
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
    memory.saw(previousView, keyspace.view(), now);
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

  private Optional<ClusterView> previousView = Optional.empty();

  private void holdChanged() {
    storeAnswered();
    wake();
  }

  /** The store answers, and what was seen of it is what there is: also where nothing changes. */
  private void storeAnswered() {
    viewAt = Optional.of(ports.clock().now());
    seenAt = Optional.of(ports.wallClock().instant());
  }

  private void sampleRegularly() {
    if (closed) {
      return;
    }
    sampleThen(this::wake);
    ports
        .scheduler()
        .schedule(
            settings().timings().statusEvery(),
            () -> ports.executor().execute(this::sampleRegularly));
  }

  /**
   * Looks at PostgreSQL; an older look that answers late is discarded. When {@code then} is called,
   * what is known is at least as new as this look, whatever other looks are under way.
   */
  private void sampleThen(Runnable then) {
    long sequence = ++sampleSequence;
    var _ =
        ports
            .postgres()
            .sample()
            .thenAccept(status ->
                ports
                    .executor()
                    .execute(() -> {
                      if (sequence > sampleShown) {
                        sampleShown = sequence;
                        sampled(status);
                      }
                      then.run();
                    }));
  }

  private void sampled(PostgresStatus status) {
    BootTime now = ports.clock().now();
    PostgresStatus before = memory.postgres;
    memory.saw(status, now);
    SlotTroubles.since(before, status).forEach(text -> ports.events().trouble(now, text));
    // After a restart of the agent: the setting was written only after the proof.
    if (status instanceof PostgresStatus.Standby standby
        && standby.upstream() instanceof Upstream.Following following
        && memory.attached.isEmpty()
        && standby.receiverTimeline().isPresent()) {
      memory.attached =
          Optional.of(
              new MemberInfo.Attachment(
                  following.epoch(),
                  new EndOfWal(standby.receiverTimeline().get(), standby.position())));
    }
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
    Observation observation = observe();
    DecisionEngine.Judgement judgement = DecisionEngine.decide(observation, rules);
    note(observation, judgement);
    publish(observation.now(), judgement);
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

  private Observation observe() {
    BootTime now = ports.clock().now();
    return new Observation(
        now,
        config.name(),
        config.runId(),
        config.tags(),
        config.rejoin(),
        watch.current().map(Keyspace::view),
        memory.viewConfirmed,
        memory.leaderSeen,
        memory.leaderAbsentSince,
        memory.pledgesChangedAt,
        memory.postgres,
        memory.unresponsiveSince,
        memory.durable,
        hold.current(now),
        memory.pendingLease,
        ports.guardian().armed(),
        memory.frozen,
        memory.stoppedEnd,
        memory.promoted,
        memory.rewoundTo,
        memory.loss,
        memory.busy.or(() -> fencing(now)).or(() -> catchingUp(now)),
        memory.failure,
        memory.peers,
        List.copyOf(memory.recentFailovers),
        settings(),
        ports.store().status(),
        memory.stop,
        memory.stopAskedAt,
        memory.checkpointAt,
        memory.reloaded,
        intentSince(),
        memory.memberGoneSince,
        ports.wallClock().instant(),
        freshDataId());
  }

  /**
   * What a fence does last, it does after PostgreSQL is seen to be dead: nothing else meanwhile.
   */
  private Optional<Observation.Busy> fencing(BootTime now) {
    return memory.inFlight.contains(Action.FENCE)
        ? Optional.of(new Observation.Busy(Action.FENCE, now))
        : Optional.empty();
  }

  /** A write of this member is done and the view does not show it yet: judged once it does. */
  private Optional<Observation.Busy> catchingUp(BootTime now) {
    long shown = watch.current().map(k -> k.revision().value()).orElse(0L);
    if (shown >= memory.awaitedRevision) {
      awaitedSince = Optional.empty();
      return Optional.empty();
    }
    awaitedSince = awaitedSince.or(() -> Optional.of(now));
    if (awaitedSince.get().until(now).compareTo(VIEW_CATCH_UP) > 0) {
      watch.start();
      memory.awaitedRevision = 0;
      return Optional.empty();
    }
    return Optional.of(new Observation.Busy("waiting to see the own write", now));
  }

  private SortedMap<String, BootTime> intentSince() {
    TreeMap<String, BootTime> since = new TreeMap<>();
    memory.intents.forEach((slot, seen) -> since.put(slot, seen.at()));
    return since;
  }

  private Optional<BootTime> awaitedSince = Optional.empty();

  private DataId freshDataId() {
    if (memory.durable.dataId().filter(nextDataId::equals).isPresent()) {
      nextDataId = randomDataId();
    }
    return nextDataId;
  }

  private DataId randomDataId() {
    return new DataId(HexFormat.of().toHexDigits(ports.random().nextLong()));
  }

  // Publication

  private void publish(BootTime now, DecisionEngine.Judgement judgement) {
    DecisionEngine.Judgement shown = last == null ? judgement : last;
    Hold held = hold.current(now);
    boolean writable =
        memory.postgres instanceof PostgresStatus.Primary
            && held instanceof Hold.Held h
            && hasBranch(h.epoch());
    published.accept(
        new NodeSnapshot(
            config.scope(),
            config.name(),
            config.version(),
            config.tags(),
            now,
            viewAt,
            seenAt,
            memory.postgres,
            Presentation.state(memory),
            Presentation.role(memory, held),
            held instanceof Hold.Held h ? Optional.of(h.epoch()) : Optional.empty(),
            held instanceof Hold.Held h ? Optional.of(h.deadline()) : Optional.empty(),
            writable,
            ports.guardian().armed(),
            watch.current().map(Keyspace::view),
            ports.store().status(),
            settings(),
            shown.situation().name(),
            shown.decision().reason(),
            memory.busy.map(Observation.Busy::operation)));
    if (memory.postgres instanceof PostgresStatus.Unobserved) {
      return;
    }
    publisher.publish(member(held, shown), primaryPosition(held));
  }

  /** Clients are routed to a primary only once its branch is the cluster's history. */
  private boolean hasBranch(Epoch epoch) {
    return watch.current().flatMap(keyspace -> keyspace.view().branchOf(epoch)).isPresent();
  }

  private Optional<Lsn> primaryPosition(Hold held) {
    return held instanceof Hold.Held && memory.postgres instanceof PostgresStatus.Primary primary
        ? Optional.of(primary.flush())
        : Optional.empty();
  }

  private MemberInfo member(Hold held, DecisionEngine.Judgement shown) {
    Optional<Lsn> position = Optional.empty();
    Optional<Lsn> receive = Optional.empty();
    Optional<Lsn> replay = Optional.empty();
    boolean streaming = false;
    if (memory.postgres instanceof PostgresStatus.Primary primary) {
      position = Optional.of(primary.flush());
    } else if (memory.postgres instanceof PostgresStatus.Standby standby) {
      position = Optional.of(standby.position());
      receive = standby.receive();
      replay = Optional.of(standby.replay());
      streaming = standby.streaming();
    }
    boolean troubled =
        switch (shown.decision().code()) {
          case NEEDS_OPERATOR, WRONG_DIRECTORY, RETRYING, HOLDING_AGAINST_FLAPPING, NOT_ELIGIBLE ->
              true;
          default -> false;
        };
    return new MemberInfo(
        config.name(),
        config.runId(),
        config.host(),
        config.port(),
        config.apiUrl(),
        config.grpcAddress(),
        Presentation.state(memory),
        Presentation.role(memory, held),
        config.version(),
        config.tags(),
        streaming,
        Presentation.timeline(memory),
        position,
        receive,
        replay,
        memory.durable.dataId(),
        memory.attached,
        troubled || memory.postgres instanceof PostgresStatus.Unresponsive
            ? Optional.of(shown.decision().reason())
            : Optional.empty(),
        pendingRestart(),
        ports.postgres().copyProgress());
  }

  private List<PendingSetting> pendingRestart() {
    return switch (memory.postgres) {
      case PostgresStatus.Primary primary -> primary.pendingRestart();
      case PostgresStatus.Standby standby -> standby.pendingRestart();
      case PostgresStatus.Unobserved _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          List.of();
    };
  }
}
