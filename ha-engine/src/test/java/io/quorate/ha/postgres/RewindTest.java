package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A former primary with writes that nobody else has comes back. */
final class RewindTest {

  private static final int COMMITS = 5;

  private RealPostgres world;
  private Member a;
  private Member b;
  private EndOfWal fork;
  private EndOfWal endOfA;
  private DataId idOfA;

  @BeforeEach
  void diverged() throws Exception {
    world = new RealPostgres();
    a = world.initialized("a");
    a.startPrimary();
    a.execute("CREATE TABLE t(x int)");
    b = world.member("b");
    b.joinAsStandby(a, 1);
    fork = b.freeze(1);
    for (int i = 0; i < COMMITS; i++) {
      a.execute("INSERT INTO t VALUES (" + i + ")");
    }
    a.crash();
    endOfA = a.endOfWal();
    idOfA = ((PostgresStatus.Stopped) a.sample()).dataId().orElseThrow();
    b.promote(2, fork, 2);
    b.execute("INSERT INTO t VALUES (100)");
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private PostgresOperation.Rewind rewind() {
    return new PostgresOperation.Rewind(
        b.source(2),
        new Branch(new Epoch(2), new TimelineId(2), TimelineId.FIRST, fork.lsn()),
        endOfA);
  }

  private OperationResult.Kept keepDiverged() throws Exception {
    return (OperationResult.Kept) a.get(a.postgres.keepDiverged(fork.lsn(), endOfA));
  }

  @Test
  void itIsRewoundAndFollows() throws Exception {
    OperationResult.Kept cost = keepDiverged();
    assertThat(cost.from()).isEqualTo(fork.lsn());
    assertThat(cost.to()).isEqualTo(endOfA.lsn());
    assertThat(cost.commits()).isEqualTo(COMMITS);
    assertThat(keepDiverged()).as("asked again, as by an agent that was killed").isEqualTo(cost);
    OperationResult.Rewound _ = (OperationResult.Rewound) a.succeed(rewind());
    PostgresStatus.Stopped stopped = (PostgresStatus.Stopped) a.sample();
    assertThat(stopped.standbySignal()).isTrue();
    assertThat(stopped.dataId()).as("its own identity, not the source's").contains(idOfA);
    Path kept = Path.of(cost.keptAt().orElseThrow());
    assertThat(kept.resolve("COMPLETE")).content().contains(fork.lsn().toString());
    assertThat(kept.toString()).startsWith(a.config.stateDir().toString());
    try (var files = Files.list(kept)) {
      assertThat(files.count()).isGreaterThanOrEqualTo(2);
    }

    a.follow(b, 2);
    a.awaitReplayed(b.flushed());
    assertThat(a.sql("SELECT x FROM t")).containsExactly("100");
  }

  @Test
  void aRewindThatWasCutOffIsDoneAgain() throws Exception {
    // As left behind by a rewind that had copied the source's marks and was killed.
    new UnfinishedWork(new Instance(a.config)).beginRewind(idOfA);
    new Instance(a.config).writeDataId(RealPostgres.dataId(1));
    a.restartAgent();
    OperationResult.Rewound _ = (OperationResult.Rewound) a.succeed(rewind());
    assertThat(((PostgresStatus.Stopped) a.sample()).dataId()).contains(idOfA);
  }

  @Test
  void withoutItsSourceNothingIsLostAndItIsTriedAgain() throws Exception {
    b.crash();
    OperationResult.Failed failed = (OperationResult.Failed) a.run(rewind());
    assertThat(failed.needsRebuild()).isFalse();
    assertThat(failed.reason())
        .contains(Integer.toString(b.config.port()))
        .contains("does not answer");
    assertThat(a.endOfWal()).isEqualTo(endOfA);
    assertThat(a.config.dataDir().resolve("standby.signal")).exists();
  }

  @Test
  void twoHistoriesThatLookAlikeAreNotTakenForOne() throws Exception {
    // c was promoted to timeline 2 from the same point, by an epoch that nobody followed.
    Member c = world.member("c");
    c.succeed(new PostgresOperation.Clone(b.source(2), RealPostgres.dataId(30)));
    c.crash();
    OperationResult.Rewound _ = (OperationResult.Rewound) a.succeed(rewind());
    a.follow(b, 2);
    a.awaitReplayed(b.flushed());
    EndOfWal same = a.freeze(3);
    OperationResult.Failed failed =
        (OperationResult.Failed)
            a.run(
                new PostgresOperation.Rewind(
                    b.source(4),
                    new Branch(new Epoch(4), new TimelineId(2), TimelineId.FIRST, fork.lsn()),
                    same));
    assertThat(failed.needsRebuild()).isTrue();
    assertThat(failed.reason()).contains("look alike");
    assertThat(((PostgresStatus.Stopped) a.sample()).standbySignal()).isTrue();
  }

  @Test
  void whatIsKeptIsBounded() throws Exception {
    DivergedWal diverged = new DivergedWal(new Instance(a.config));
    ControlData control = ControlData.read(RealPostgres.launcher(), new Instance(a.config));
    LocalWal wal = new LocalWal(new Instance(a.config), control);
    assertThat(wal.commitsBetween(new Lsn(0x20L), endOfA).complete())
        .as("WAL that is not there any more is not counted as nothing")
        .isFalse();
    Path old = a.config.stateDir().resolve("diverged").resolve("1-0_FF");
    Files.createDirectories(old);
    try (var file = new java.io.RandomAccessFile(old.resolve("big").toFile(), "rw")) {
      file.setLength(a.config.keptWalBytes());
    }
    try (WalSegments segments = wal.historyOf(endOfA.timeline())) {
      assertThat(diverged.keep(segments, fork.lsn(), endOfA)).isPresent();
    }
    assertThat(old).doesNotExist();
  }
}
