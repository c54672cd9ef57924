package io.quorate.ha.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** What holds of every decision, whatever is observed: also what should never be seen together. */
class DecisionProperties {

  private static final List<Epoch> EPOCHS = List.of(new Epoch(10), new Epoch(20), new Epoch(30));

  @Property(tries = 20_000)
  void nothingBecomesWritableWithoutAHold(@ForAll long seed) {
    Observation o = draw(new Random(seed));
    boolean promotes = false;
    for (Action action : DecisionEngine.decide(o).decision().actions()) {
      switch (action) {
        case Action.Run(PostgresOperation.Promote promote) -> {
          assertMayWrite(o, promote.epoch());
          promotes = true;
        }
        case Action.Run(PostgresOperation.StartPrimary _) ->
            assertMayWrite(o, ((Hold.Held) o.hold()).epoch());
        default -> {}
      }
    }
    Statistics.label("promotes")
        .collect(promotes)
        .coverage(coverage -> coverage.check(true).count(found -> found > 50));
  }

  private static void assertMayWrite(Observation o, Epoch epoch) {
    assertThat(o.hold())
        .isInstanceOfSatisfying(
            Hold.Held.class,
            held -> {
              assertThat(held.epoch()).isEqualTo(epoch);
              assertThat(o.now().isBefore(held.deadline())).as("before the deadline").isTrue();
            });
    assertThat(epoch.isAfter(o.durable().floor())).as("not pledged against since").isTrue();
    assertThat(o.guardianArmed()).as("guarded").isTrue();
  }

  @Property(tries = 20_000)
  void whatSomethingElseWroteIsNeverTakenForTheClusters(@ForAll long seed) {
    Observation o = draw(new Random(seed));
    boolean stray =
        o.hold() instanceof Hold.NotHeld
            && o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.STRAY));
    for (Action action : DecisionEngine.decide(o).decision().actions()) {
      boolean trusts =
          action instanceof Action.PublishPledge
              || action instanceof Action.Acquire
              || (action instanceof Action.Run(PostgresOperation.Follow _)
                  && o.rewoundTo().isEmpty());
      assertThat(stray && trusts).as("%s", action).isFalse();
    }
    Statistics.label("stray")
        .collect(stray)
        .coverage(coverage -> coverage.check(true).count(found -> found > 100));
  }

  @Property(tries = 5000)
  void theSameObservationTheSameDecision(@ForAll long seed) {
    DecisionEngine.Judgement first = DecisionEngine.decide(draw(new Random(seed)));
    DecisionEngine.Judgement second = DecisionEngine.decide(draw(new Random(seed)));
    assertThat(second).isEqualTo(first);
  }

  private static Observation draw(Random random) {
    Facts facts = new Facts();
    Epoch epoch = EPOCHS.get(random.nextInt(3));
    TimelineId timeline = new TimelineId(1 + random.nextInt(3));
    MemberName holder = oneOf(random, Facts.DB2, Facts.DB2, Facts.DB1, Facts.DB3);
    facts.lastEpoch =
        Optional.of(
            new EpochRecord(
                epoch,
                holder,
                Facts.dataId(random.nextInt(4) > 0 ? "2" : "1"),
                timeline,
                new SyncRecord.Async(),
                oneOf(random, EpochRecord.Cause.LEASE_EXPIRED, EpochRecord.Cause.BOOTSTRAP)));
    facts.leader(
        random.nextInt(4) > 0
            ? Optional.of(new ClusterView.Leader(holder, epoch, 100 + epoch.value()))
            : Optional.empty());
    facts.hold = hold(random, facts);
    facts.wal = new EndOfWal(new TimelineId(1 + random.nextInt(2)), Facts.HERE);
    postgres(random, facts);
    facts.frozen =
        random.nextInt(4) > 0
            ? Optional.of(new FrozenWal(EPOCHS.get(random.nextInt(3)), facts.wal))
            : Optional.empty();
    facts.durable = durable(random, facts, timeline);
    facts.guardianArmed = random.nextInt(3) > 0;
    facts.viewConfirmed = random.nextBoolean();
    facts.viewKnown = random.nextInt(12) > 0;
    facts.stop = random.nextInt(10) == 0 ? StopRequest.MEMBER : StopRequest.NONE;
    if (random.nextInt(8) == 0) {
      facts.failure =
          Optional.of(
              new OperationFailure(
                  oneOf(random, "promote", "save state", "start primary", "release"),
                  "it failed",
                  false,
                  1 + random.nextInt(4),
                  facts.now.plus(Duration.ofMillis(random.nextInt(-500, 500)))));
    }
    if (random.nextInt(12) == 0) {
      facts.busy = Optional.of(new Observation.Busy("rewind", facts.now));
    }
    return facts.observation();
  }

  private static Hold hold(Random random, Facts facts) {
    Epoch epoch = EPOCHS.get(random.nextInt(3));
    return switch (random.nextInt(6)) {
      case 0 -> new Hold.NotHeld();
      case 1 -> new Hold.Lapsed(epoch, "it ran out");
      default ->
          new Hold.Held(
              random.nextInt(3) > 0 ? facts.lastEpoch.orElseThrow().epoch() : epoch,
              facts.now.plus(Duration.ofMillis(random.nextInt(-1000, 2000))));
    };
  }

  private static void postgres(Random random, Facts facts) {
    Optional<io.quorate.ha.model.DataId> directory = Optional.of(Facts.dataId("2"));
    switch (random.nextInt(10)) {
      case 0 -> facts.postgres(new PostgresStatus.NoData());
      case 1 -> facts.stopped(ClusterState.IN_PRODUCTION, directory, random.nextBoolean());
      case 2 -> facts.stopped(ClusterState.SHUT_DOWN_IN_RECOVERY, directory, true);
      case 3 -> facts.runsAsPrimary(directory, List.of());
      case 4 -> facts.postgres(new PostgresStatus.Unresponsive("no answer within 1 s"));
      case 5 -> facts.postgres(new PostgresStatus.Starting(directory));
      default -> facts.runsAsStandby(new Upstream.Frozen(EPOCHS.get(random.nextInt(3))), directory);
    }
  }

  private static NodeState durable(Random random, Facts facts, TimelineId timeline) {
    List<PromotionNote> notes = new ArrayList<>();
    for (Epoch epoch : EPOCHS) {
      if (random.nextInt(3) > 0) {
        notes.add(new PromotionNote(epoch, facts.wal, timeline));
      }
    }
    Epoch noted =
        random.nextInt(4) > 0
            ? facts.lastEpoch.orElseThrow().epoch()
            : EPOCHS.get(random.nextInt(3));
    return new NodeState(
        Optional.of(Facts.dataId(random.nextInt(8) > 0 ? "2" : "3")),
        new Epoch(random.nextInt(0, 40)),
        random.nextInt(4) > 0
            ? Optional.of(new NodeState.HoldNote(noted, 100 + noted.value()))
            : Optional.empty(),
        notes,
        switch (random.nextInt(12)) {
          case 0 -> Optional.of(NodeState.Unfinished.REWIND);
          case 1 -> Optional.of(NodeState.Unfinished.STRAY);
          default -> Optional.empty();
        },
        false,
        random.nextBoolean());
  }

  @SafeVarargs
  private static <T> T oneOf(Random random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
