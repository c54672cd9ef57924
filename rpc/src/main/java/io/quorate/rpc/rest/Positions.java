package io.quorate.rpc.rest;

import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import java.time.Instant;
import java.util.Locale;

/** The numbers of a PostgreSQL status that metrics show; 0 stands for "not so here". */
record Positions(
    String startedAt,
    long written,
    long received,
    long replayed,
    String replayedAt,
    boolean paused,
    boolean streaming,
    int serverVersion,
    long timeline) {

  private static final Positions NONE = new Positions("0", 0, 0, 0, "0", false, false, 0, 0);

  static Positions of(PostgresStatus status) {
    return switch (status) {
      case PostgresStatus.Primary primary ->
          new Positions(
              seconds(primary.postmasterStart()),
              primary.flush().value(),
              0,
              0,
              "0",
              false,
              false,
              primary.serverVersion(),
              primary.timeline().value());
      case PostgresStatus.Standby standby ->
          new Positions(
              seconds(standby.postmasterStart()),
              0,
              standby.receive().map(lsn -> lsn.value()).orElse(0L),
              standby.replay().value(),
              standby.replayedAt().map(Positions::seconds).orElse("0"),
              standby.replayPaused(),
              standby.streaming(),
              standby.serverVersion(),
              standby.receiverTimeline().map(TimelineId::value).orElse(0));
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          NONE;
    };
  }

  private static String seconds(Instant instant) {
    return String.format(
        Locale.ROOT, "%d.%06d", instant.getEpochSecond(), instant.getNano() / 1_000);
  }
}
