package io.quorate.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Wish;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IntentCodecTest {

  private static final MemberName DB2 = new MemberName("db2");
  private static final Instant AT = Instant.parse("2030-01-01T00:00:00Z");
  private static final ClusterKeys KEYS = new ClusterKeys("service", "demo");

  private static Intent intent(Wish wish) {
    return new Intent(
        "00ff",
        wish,
        "cli",
        AT.minusSeconds(9),
        new Intent.Progress(
            Intent.State.STOPPED,
            "stopped",
            new Epoch(7),
            Optional.of(DB2),
            Optional.of(new EndOfWal(new TimelineId(3), new Lsn(99))),
            Optional.of("mark"),
            Optional.of(Refusal.Code.CANDIDATE_LAGS)),
        12);
  }

  private static Intent stored(Intent intent) {
    Bytes key = KEYS.intent(intent.wish().slot());
    KeyValue entry =
        new KeyValue(
            key,
            IntentCodec.encode(intent),
            new Revision(3),
            new Revision(intent.revision()),
            1,
            LeaseId.NONE);
    Keyspace keyspace = Keyspace.of(KEYS, new Revision(20), List.of(entry));
    assertThat(keyspace.damaged()).isEmpty();
    return java.util.Objects.requireNonNull(keyspace.view().intents().get(intent.wish().slot()));
  }

  @Test
  void everyWishIsReadAsItWasWritten() {
    List<Wish> wishes =
        List.of(
            new Wish.Switchover(
                Optional.of(new MemberName("db1")), Optional.of(DB2), Optional.of(AT)),
            new Wish.Switchover(Optional.empty(), Optional.empty(), Optional.empty()),
            new Wish.Failover(DB2, true),
            new Wish.Restart(
                DB2,
                Optional.of(AT),
                new Wish.Only(Optional.of(PatroniRole.REPLICA), Optional.of(150_004), true),
                Optional.of(Duration.ofSeconds(5))),
            new Wish.Restart(DB2, Optional.empty(), Wish.Only.ALWAYS, Optional.empty()),
            new Wish.Reload(DB2),
            new Wish.Reinit(DB2));
    for (Wish wish : wishes) {
      assertThat(stored(intent(wish))).isEqualTo(intent(wish));
    }
  }

  @Test
  void patroniSeesWhatIsPending() {
    Intent open =
        intent(
            new Wish.Switchover(
                Optional.of(new MemberName("db1")), Optional.of(DB2), Optional.of(AT)));
    assertThat(IntentCodec.failover(open).toUtf8())
        .isEqualTo(
            "{\"leader\":\"db1\",\"member\":\"db2\",\"scheduled_at\":\"2030-01-01T00:00:00Z\"}");
    Intent done = open.with(open.progress().with(Intent.State.DONE, "db2 is primary"));
    assertThat(IntentCodec.failover(done).toUtf8()).isEqualTo("{}");
  }

  @Test
  void whatCannotBeReadIsNamed() {
    Bytes key = KEYS.intent("primary");
    KeyValue entry =
        new KeyValue(
            key, Bytes.utf8("{\"format\":9}"), new Revision(3), new Revision(3), 1, LeaseId.NONE);
    Keyspace keyspace = Keyspace.of(KEYS, new Revision(20), List.of(entry));
    assertThat(keyspace.view().intents()).isEmpty();
    assertThat(keyspace.damaged()).singleElement().asString().contains("quorate/intent/primary");
  }
}
