package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The timeline that was reserved and no other, also when cut off anywhere. */
final class PromoteTest {

  private static final Duration BOUND = Duration.ofSeconds(5);

  private RealPostgres world;
  private Member a;
  private Member b;
  private EndOfWal end;

  @BeforeEach
  void oneFrozenStandby() throws Exception {
    world = new RealPostgres();
    a = world.initialized("a");
    a.startPrimary();
    a.execute("CREATE TABLE t(x int)");
    b = world.member("b");
    b.joinAsStandby(a, 1);
    end = b.freeze(1);
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private Path history(Member member, int timeline) {
    return member
        .config
        .dataDir()
        .resolve("pg_wal")
        .resolve(TimelineHistory.fileName(new TimelineId(timeline)));
  }

  private PostgresOperation.Promote promotion(int timeline) {
    return new PostgresOperation.Promote(new Epoch(timeline), end, new TimelineId(timeline));
  }

  @Test
  void skippedIdsStayUnusedAndStandbysAttachAcrossThem() throws Exception {
    BootTime began = world.time.now();
    OperationResult.Promoted promoted = b.promote(2, end, 7);
    System.out.println(
        "measured: promotion took " + began.until(world.time.now()).toMillis() + " ms");
    assertThat(promoted)
        .isEqualTo(new OperationResult.Promoted(new TimelineId(7), TimelineId.FIRST, end.lsn()));
    b.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("a", "c"))));
    b.execute("INSERT INTO t VALUES (1)");
    // A standby that was on timeline 1 asks for the history of every id up to 7.
    a.crash();
    assertThat(a.freeze(2).lsn()).isEqualTo(end.lsn());
    a.follow(b, 2);
    a.awaitStreaming(b);
    a.awaitReplayed(b.flushed());
    assertThat(a.sql("SELECT x FROM t")).containsExactly("1");
    // It knows only of 7 after a restart, of all WAL that it has.
    a.crash();
    EndOfWal restarted = a.freeze(3);
    assertThat(restarted.timeline()).isEqualTo(new TimelineId(7));
    a.follow(b, 3);
    a.awaitStreaming(b);
    // A copy made now has no history of the ids before; a standby of the copy still attaches.
    Member c = world.member("c");
    c.joinAsStandby(b, 3);
    b.crash();
    EndOfWal atC = c.freeze(4);
    assertThat(a.freeze(4)).isEqualTo(atC);
    assertThat(c.promote(5, atC, 12).parent()).isEqualTo(new TimelineId(7));
    c.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("a", "b"))));
    a.follow(c, 5);
    a.awaitStreaming(c);
    assertThat(b.freeze(5)).isEqualTo(atC);
    b.follow(c, 5);
    b.awaitStreaming(c);
    c.execute("INSERT INTO t VALUES (2)");
    a.awaitReplayed(c.flushed());
    b.awaitReplayed(c.flushed());
    assertThat(b.sql("SELECT count(*) FROM t")).containsExactly("2");
  }

  @Test
  void afterTheLeaseRanOutNothingIsPromoted() throws Exception {
    b.postgres.mayBecomeWritableUntil(world.time.now());
    assertThat(b.fail(promotion(2))).contains("the lease ran out");
    assertThat(b.sample()).isInstanceOf(PostgresStatus.Standby.class);
    a.crash();
    a.postgres.mayBecomeWritableUntil(world.time.now());
    assertThat(a.fail(new PostgresOperation.StartPrimary(Map.of()))).contains("the lease ran out");
    assertThat(a.processes()).isEmpty();
    b.postgres.mayBecomeWritableUntil(world.time.now().plus(Duration.ofMinutes(5)));
    assertThat(b.promote(2, end, 2).timeline()).isEqualTo(new TimelineId(2));
  }

  @Test
  void aStandbyThatHasAllOfAStoppedPrimaryIsPromotedAsItIs() throws Exception {
    b.follow(a, 2);
    b.awaitStreaming(a);
    a.execute("INSERT INTO t VALUES (1)");
    EndOfWal handed =
        ((OperationResult.Frozen) a.succeed(new PostgresOperation.HandOver(Duration.ofSeconds(10))))
            .end();
    assertThat(b.succeed(new PostgresOperation.CatchUp(new Epoch(2), handed, BOUND)))
        .isEqualTo(new OperationResult.CaughtUp(handed));
    assertThat(b.fail(new PostgresOperation.Promote(new Epoch(3), handed, new TimelineId(2))))
        .contains("was not frozen");
    assertThat(
            b.succeed(new PostgresOperation.Promote(new Epoch(3), handed, new TimelineId(5), true)))
        .isEqualTo(new OperationResult.Promoted(new TimelineId(5), TimelineId.FIRST, handed.lsn()));
    // The former primary follows as it is.
    b.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("a"))));
    assertThat(a.freeze(3)).isEqualTo(handed);
    a.follow(b, 3);
    a.awaitStreaming(b);
    assertThat(a.sql("SELECT count(*) FROM t")).containsExactly("1");
  }

  @Test
  void aStandbyThatLacksSomeDoesNotCatchUp() throws Exception {
    b.follow(a, 2);
    b.awaitStreaming(a);
    EndOfWal beyond = new EndOfWal(TimelineId.FIRST, new Lsn(a.flushed().value() + 1_000_000));
    assertThat(b.fail(new PostgresOperation.CatchUp(new Epoch(2), beyond, Duration.ofMillis(50))))
        .contains("it has replayed WAL up to", "the primary wrote up to " + beyond.lsn());
  }

  @Test
  void killedWithPlaceholdersInPlaceItIsAStandbyAsBefore() throws Exception {
    new TimelineFiles(new Instance(b.config).walDir())
        .reserveUpTo(TimelineId.FIRST, new TimelineId(5));
    assertThat(history(b, 4)).exists();
    b.crash();
    assertThat(b.freeze(2)).isEqualTo(end);
    assertThat(history(b, 4)).doesNotExist();
    assertThat(b.promote(6, end, 6).timeline()).isEqualTo(new TimelineId(6));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 6, 10, 15, 25, 40})
  void killedDuringThePromotionItIsOnOneTimelineOrTheOther(long milliseconds) throws Exception {
    CompletionStage<OperationResult> running = b.postgres.run(promotion(5));
    LockSupport.parkNanos(milliseconds * 1_000_000);
    b.crash();
    OperationResult _ = b.get(running);
    b.restartAgent();
    EndOfWal read = b.endOfWal();
    EndOfWal found = b.freeze(5);
    assertThat(found).as("found by PostgreSQL and by reading").isEqualTo(read);
    assertThat(found.lsn()).isGreaterThanOrEqualTo(end.lsn());
    if (found.timeline().equals(TimelineId.FIRST)) {
      assertThat(found).isEqualTo(end);
    } else {
      assertThat(found.timeline()).isEqualTo(new TimelineId(5));
    }
    // And it can go on from there.
    assertThat(b.promote(9, found, 9).parent()).isEqualTo(found.timeline());
    b.execute("INSERT INTO t VALUES (1)");
  }

  @Test
  void aTimelineThatOthersBeganIsNotForkedFrom() throws Exception {
    // Its former upstream was on timeline 2, begun beyond what this standby has, and is lost.
    Files.writeString(
        history(b, 2), "1\t" + new Lsn(end.lsn().value() + 0x1000) + "\tno recovery target\n");
    RealPostgres.own(history(b, 2));
    EndOfWal again = b.freeze(2);
    assertThat(again).isEqualTo(end);
    OperationResult.Promoted promoted = b.promote(3, end, 3);
    assertThat(promoted.parent()).isEqualTo(TimelineId.FIRST);
    assertThat(promoted.fork()).isEqualTo(end.lsn());
    assertThat(Files.readString(history(b, 3))).startsWith("1\t" + end.lsn() + "\t");
    b.execute("INSERT INTO t VALUES (1)");
  }

  @Test
  void aTimelineBegunWhereItStandsIsNotItsOwn() throws Exception {
    Files.writeString(history(b, 2), "1\t" + end.lsn() + "\tno recovery target\n");
    RealPostgres.own(history(b, 2));
    assertThat(b.freeze(2)).isEqualTo(end);
    assertThat(b.promote(3, end, 3).parent()).isEqualTo(TimelineId.FIRST);
  }

  @Test
  void anotherPositionIsRefused() throws Exception {
    EndOfWal other = new EndOfWal(end.timeline(), new Lsn(end.lsn().value() + 8));
    assertThat(b.fail(new PostgresOperation.Promote(new Epoch(2), other, new TimelineId(2))))
        .contains("not at " + other);
    assertThat(b.sample()).isInstanceOf(PostgresStatus.Standby.class);
  }

  @Test
  void aStandbyThatFollowsIsRefused() throws Exception {
    b.follow(a, 2);
    assertThat(b.fail(promotion(3))).contains("not frozen");
    assertThat(b.sample()).isInstanceOf(PostgresStatus.Standby.class);
  }

  @Test
  void aTimelineThatIsThereAlreadyIsRefused() throws Exception {
    new TimelineFiles(new Instance(b.config).walDir())
        .reserveUpTo(TimelineId.FIRST, new TimelineId(6));
    assertThat(b.fail(promotion(4))).contains("already in pg_wal");
    assertThat(b.sample()).isInstanceOf(PostgresStatus.Standby.class);
  }

  @Test
  void anotherTimelineThanTheReservedOneDoesNotServe() throws Exception {
    // Promoted by hand, behind Quorate's back: PostgreSQL took 2.
    b.execute("SELECT pg_promote()");
    assertThat(b.fail(promotion(5))).contains("took timeline 2").contains("instead of 5");
    assertThat(b.processes()).isEmpty();
    assertThat(((PostgresStatus.Stopped) b.sample()).standbySignal()).isTrue();
  }

  @Test
  void promotedBeforeTheAgentWasCutOffItIsToldAgain() throws Exception {
    OperationResult.Promoted first = b.promote(5, end, 5);
    b.restartAgent();
    assertThat(b.promote(5, end, 5)).isEqualTo(first);
  }

  @Test
  void fencedMeanwhileItDoesNotBecomeAPrimary() throws Exception {
    CompletionStage<OperationResult> fence = b.postgres.fence("test");
    OperationResult _ = b.get(b.postgres.run(promotion(5)));
    assertThat(b.get(fence)).isInstanceOf(OperationResult.Succeeded.class);
    assertThat(b.get(b.postgres.fence("again"))).isInstanceOf(OperationResult.Succeeded.class);
    assertThat(((PostgresStatus.Stopped) b.sample()).standbySignal()).isTrue();
    assertThat(b.processes()).isEmpty();
  }
}
