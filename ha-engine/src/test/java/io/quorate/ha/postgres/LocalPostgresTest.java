package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster's life on real PostgreSQL. */
final class LocalPostgresTest {

  private RealPostgres world;

  @BeforeEach
  void begin() throws Exception {
    world = new RealPostgres();
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  @Test
  void aClusterIsMadeServedFollowedAndFailedOver() throws Exception {
    Member a = world.member("a");
    assertThat(a.sample()).isInstanceOf(PostgresStatus.NoData.class);
    OperationResult made = a.succeed(new PostgresOperation.InitDb(RealPostgres.dataId(7)));
    PostgresStatus.Stopped stopped = (PostgresStatus.Stopped) a.sample();
    assertThat(stopped.dataId()).contains(RealPostgres.dataId(7));
    assertThat(stopped.standbySignal()).as("nothing starts it as a primary by chance").isTrue();
    assertThat(made)
        .isEqualTo(new OperationResult.Initialized(stopped.control().systemIdentifier()));

    a.startPrimary();
    PostgresStatus.Primary primary = (PostgresStatus.Primary) a.sample();
    assertThat(primary.timeline()).isEqualTo(TimelineId.FIRST);
    assertThat(primary.systemIdentifier()).isEqualTo(stopped.control().systemIdentifier());
    a.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("b", "c"))));
    assertThat(((PostgresStatus.Primary) a.sample()).slots())
        .extracting(PostgresStatus.Slot::name)
        .containsExactly("b", "c");

    Member b = world.member("b");
    Member c = world.member("c");
    b.joinAsStandby(a, 1);
    c.joinAsStandby(a, 1);
    a.execute("CREATE TABLE t(x int); INSERT INTO t SELECT generate_series(1, 100)");
    b.awaitReplayed(a.flushed());
    c.awaitReplayed(a.flushed());
    EndOfWal atA = new EndOfWal(TimelineId.FIRST, a.flushed());

    a.get(a.postgres.fence("test"));
    assertThat(((PostgresStatus.Stopped) a.sample()).standbySignal()).isTrue();
    EndOfWal atB = b.freeze(1);
    EndOfWal atC = c.freeze(1);
    assertThat(atB).isEqualTo(atC).isEqualTo(atA);

    OperationResult.Promoted promoted = b.promote(5, atB, 4);
    assertThat(promoted)
        .isEqualTo(new OperationResult.Promoted(new TimelineId(4), TimelineId.FIRST, atB.lsn()));
    assertThat(((PostgresStatus.Primary) b.sample()).timeline()).isEqualTo(new TimelineId(4));
    b.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("a", "c"))));
    c.follow(b, 5);
    c.awaitStreaming(b);
    a.follow(b, 5);
    a.awaitStreaming(b);
    b.execute("INSERT INTO t VALUES (101)");
    a.awaitReplayed(b.flushed());
    c.awaitReplayed(b.flushed());
    assertThat(a.sql("SELECT count(*) FROM t")).containsExactly("101");
    assertThat(c.sql("SELECT count(*) FROM t")).containsExactly("101");

    b.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(10)));
    assertThat(b.processes()).isEmpty();
    assertThat(((PostgresStatus.Stopped) b.sample()).standbySignal()).isTrue();
    b.succeed(new PostgresOperation.StartPrimary(Map.of()));
    assertThat(((PostgresStatus.Primary) b.sample()).timeline()).isEqualTo(new TimelineId(4));
  }
}
