package io.quorate.ha.decide;

import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Lines about this member: its PostgreSQL, its notes, its hold, what its loop remembers. */
final class LocalLines {

  private LocalLines() {}

  /** Whether {@code word} begins such a line; if so the line was taken. */
  static boolean take(Facts f, String word, Words words) {
    switch (word) {
      case "postgres" -> postgres(f, words);
      case "wal" -> f.wal = words.endOfWal();
      case "system" -> f.system = words.number();
      case "durable" -> durable(f, words);
      case "hold" -> hold(f, words);
      case "pending" -> f.pendingLease = words.number();
      case "hung" -> f.hung = Optional.of(words.epoch());
      case "guardian" -> f.guardianArmed = words.next().equals("armed");
      case "frozen" -> frozen(f, words);
      case "end" ->
          f.stoppedEnd = words.skip("none") ? Optional.empty() : Optional.of(words.endOfWal());
      case "promoted" -> promoted(f, words);
      case "rewound" ->
          f.rewoundTo = words.skip("none") ? Optional.empty() : Optional.of(words.epoch());
      case "loss" -> f.loss = loss(words);
      case "busy" ->
          f.busy =
              words.skip("none")
                  ? Optional.empty()
                  : Optional.of(
                      new Observation.Busy(
                          words.next(), words.skip("for") ? f.now.minus(words.duration()) : f.now));
      case "failure" -> failure(f, words);
      case "peer" -> {
        MemberName member = words.member();
        f.peers.put(member, words.next().equals("answers"));
      }
      case "failovers" -> failovers(f, words);
      case "confirmed" -> f.viewConfirmed = words.flag();
      case "leader-seen" -> f.leaderSeen = words.flag();
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void postgres(Facts f, Words words) {
    String kind = words.next();
    switch (kind) {
      case "none" -> f.postgres(new PostgresStatus.None());
      case "no-data" -> f.postgres(new PostgresStatus.NoData());
      case "unobserved" -> f.postgres(new PostgresStatus.Unobserved());
      case "unusable" -> f.postgres(new PostgresStatus.Unusable(words.next()));
      case "unresponsive" -> f.postgres(new PostgresStatus.Unresponsive(words.next()));
      case "starting" -> f.postgres(new PostgresStatus.Starting(directory(f, words)));
      case "stopped" -> {
        ClusterState state = ClusterState.valueOf(words.next().toUpperCase(Locale.ROOT));
        boolean signal = words.skip("standby.signal");
        f.stopped(state, directory(f, words), signal);
      }
      case "standby" -> {
        Upstream upstream = upstream(words);
        f.runsAsStandby(upstream, directory(f, words));
        if (words.skip("replays-no-more")) {
          f.replaysNoMore(words.next());
        }
      }
      case "primary" -> {
        Optional<DataId> directory = directory(f, words);
        List<PostgresStatus.Slot> slots = new ArrayList<>();
        if (words.skip("slots")) {
          while (words.more()) {
            slots.add(slot(words.next()));
          }
        }
        f.runsAsPrimary(directory, slots);
      }
      default -> throw words.unknown(kind);
    }
  }

  /** {@code db3}, {@code db3:active}, {@code db3:lost}, {@code db3:6000/1000}: MB held, left. */
  static PostgresStatus.Slot slot(String word) {
    String[] parts = word.split(":", 2);
    String more = parts.length > 1 ? parts[1] : "";
    String[] size = more.contains("/") ? more.split("/", 2) : new String[] {"0", "5000"};
    return new PostgresStatus.Slot(
        parts[0],
        more.equals("active"),
        more.equals("lost"),
        Long.parseLong(size[0]) << 20,
        OptionalLong.of(Long.parseLong(size[1]) << 20));
  }

  private static Optional<DataId> directory(Facts f, Words words) {
    return words.skip("data") ? words.optionalDataId() : f.directory().or(() -> f.durable.dataId());
  }

  private static Upstream upstream(Words words) {
    String kind = words.next();
    return switch (kind) {
      case "frozen" -> new Upstream.Frozen(words.epoch());
      case "following" -> {
        MemberName member = words.member();
        yield new Upstream.Following(member, words.epoch());
      }
      case "astray" -> new Upstream.Unknown();
      default -> throw words.unknown(kind);
    };
  }

  private static void durable(Facts f, Words words) {
    String kind = words.next();
    f.durable =
        switch (kind) {
          case "empty" -> NodeState.EMPTY;
          case "data" -> f.durable.withDataId(words.optionalDataId());
          case "floor" ->
              new NodeState(
                  f.durable.dataId(),
                  words.epoch(),
                  f.durable.hold(),
                  f.durable.promotions(),
                  f.durable.unfinished(),
                  f.durable.paused(),
                  f.durable.standby());
          case "standby" -> f.durable.asStandby();
          case "former-primary" ->
              new NodeState(
                  f.durable.dataId(),
                  f.durable.floor(),
                  f.durable.hold(),
                  f.durable.promotions(),
                  f.durable.unfinished(),
                  f.durable.paused(),
                  false);
          case "paused" -> f.durable.withPaused(words.flag());
          case "hold" -> f.durable.withHold(holdNote(words));
          case "unfinished" ->
              f.durable.withUnfinished(
                  words.skip("none")
                      ? Optional.empty()
                      : Optional.of(
                          NodeState.Unfinished.valueOf(words.next().toUpperCase(Locale.ROOT))));
          case "promotion" -> f.durable.withPromotion(promotion(words));
          default -> throw words.unknown(kind);
        };
  }

  private static Optional<NodeState.HoldNote> holdNote(Words words) {
    if (words.skip("none")) {
      return Optional.empty();
    }
    Epoch epoch = words.epoch();
    words.expect("lease");
    return Optional.of(new NodeState.HoldNote(epoch, words.number()));
  }

  private static PromotionNote promotion(Words words) {
    Epoch epoch = words.epoch();
    words.expect("from");
    EndOfWal from = words.endOfWal();
    words.expect("to");
    return new PromotionNote(epoch, from, words.timeline());
  }

  private static void hold(Facts f, Words words) {
    if (words.skip("none")) {
      f.hold = new Hold.NotHeld();
      return;
    }
    Epoch epoch = words.epoch();
    if (words.skip("lapsed")) {
      f.hold = new Hold.Lapsed(epoch, words.next());
    } else {
      words.expect("for");
      f.hold = new Hold.Held(epoch, f.now.plus(words.duration()));
    }
  }

  private static void frozen(Facts f, Words words) {
    if (words.skip("none")) {
      f.frozen = Optional.empty();
      return;
    }
    Epoch round = words.epoch();
    words.expect("at");
    f.frozen = Optional.of(new FrozenWal(round, words.endOfWal()));
  }

  private static void promoted(Facts f, Words words) {
    if (words.skip("none")) {
      f.promoted = Optional.empty();
      return;
    }
    TimelineId to = words.timeline();
    words.expect("off");
    EndOfWal from = words.endOfWal();
    f.promoted = Optional.of(new OperationResult.Promoted(to, from.timeline(), from.lsn()));
  }

  static Optional<FailoverReport.Loss> loss(Words words) {
    String kind = words.next();
    return switch (kind) {
      case "forgotten" -> Optional.empty();
      case "unknown" -> Optional.of(new FailoverReport.Loss.NotYetKnown());
      case "nothing" -> Optional.of(new FailoverReport.Loss.None());
      case "commits" -> {
        int commits = words.number();
        words.expect("from");
        var from = words.lsn();
        words.expect("to");
        yield Optional.of(
            new FailoverReport.Loss.Range(from, words.lsn(), commits, Optional.of("kept")));
      }
      default -> throw words.unknown(kind);
    };
  }

  private static void failure(Facts f, Words words) {
    if (words.skip("none")) {
      f.failure = Optional.empty();
      return;
    }
    String operation = words.next();
    String reason = words.next();
    boolean rebuild = words.skip("needs-rebuild");
    int attempts = words.skip("attempts") ? words.number() : 1;
    BootTime retryAt = words.skip("retry-in") ? f.now.plus(words.duration()) : f.now;
    f.failure = Optional.of(new OperationFailure(operation, reason, rebuild, attempts, retryAt));
  }

  private static void failovers(Facts f, Words words) {
    List<BootTime> times = new ArrayList<>();
    while (words.more()) {
      Duration ago = words.duration();
      words.expect("ago");
      times.add(f.now.minus(ago));
    }
    f.recentFailovers = times;
  }
}
