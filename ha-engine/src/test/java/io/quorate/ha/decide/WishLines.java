package io.quorate.ha.decide;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.StandbyName;
import io.quorate.ha.model.Wish;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Lines about what operators wish. */
final class WishLines {

  private WishLines() {}

  /** Whether {@code word} begins such a line; if so the line was taken. */
  static boolean take(Facts f, String word, Words words) {
    switch (word) {
      case "wish" -> wish(f, words);
      case "attached" -> {
        MemberName member = words.member();
        f.attached(member, words.epoch());
      }
      case "waits" -> waits(f, words);
      case "replays" -> replays(f, words);
      case "streams" -> streams(f, words);
      case "wall" -> f.wall = Instant.parse(words.next());
      case "checkpointed" -> f.checkpointAt = Optional.of(f.now);
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * {@code wish switchover [from db1] [to db2] [at TIME]}, {@code wish failover to db2
   * [accept-loss]}, {@code wish restart db2 [only replica|pending] [at TIME]}, {@code wish reload
   * db2}, {@code wish reinit db2}, {@code wish restart/db2 gone}; then {@code is STATE [epoch N]
   * [candidate db2] [end LSN on T] [mark X]}.
   */
  private static void wish(Facts f, Words words) {
    String kind = words.next();
    if (words.skip("gone")) {
      f.intents.remove(kind);
      return;
    }
    if (words.skip("is")) {
      f.intent(state(Objects.requireNonNull(f.intents.get(kind)), words));
      return;
    }
    Wish wish =
        switch (kind) {
          case "switchover" ->
              new Wish.Switchover(
                  words.skip("from") ? Optional.of(words.member()) : Optional.empty(),
                  words.skip("to") ? Optional.of(words.member()) : Optional.empty(),
                  time(words));
          case "failover" -> {
            words.expect("to");
            yield new Wish.Failover(words.member(), words.skip("accept-loss"));
          }
          case "restart" -> {
            MemberName member = words.member();
            yield new Wish.Restart(member, time(words), only(words), Optional.empty());
          }
          case "reload" -> new Wish.Reload(words.member());
          case "reinit" -> new Wish.Reinit(words.member());
          default -> throw words.unknown(kind);
        };
    Intent intent =
        new Intent("0", wish, "an operator", f.wall, Intent.Progress.pending("asked"), f.revision);
    f.intents.remove(wish.slot());
    f.intent(words.skip("is") ? state(intent, words) : intent);
  }

  private static Optional<Instant> time(Words words) {
    return words.skip("at") ? Optional.of(Instant.parse(words.next())) : Optional.empty();
  }

  private static Wish.Only only(Words words) {
    if (!words.skip("only")) {
      return Wish.Only.ALWAYS;
    }
    return switch (words.next()) {
      case "pending" -> new Wish.Only(Optional.empty(), Optional.empty(), true);
      case "replica" -> new Wish.Only(Optional.of(PatroniRole.REPLICA), Optional.empty(), false);
      case "primary" -> new Wish.Only(Optional.of(PatroniRole.PRIMARY), Optional.empty(), false);
      default -> throw words.unknown("only");
    };
  }

  private static Intent state(Intent intent, Words words) {
    Intent.Progress p = intent.progress();
    Intent.State state = Intent.State.valueOf(words.next().toUpperCase(Locale.ROOT));
    Epoch epoch = words.skip("epoch") ? words.epoch() : p.epoch();
    Optional<MemberName> candidate =
        words.skip("candidate") ? Optional.of(words.member()) : p.candidate();
    Optional<EndOfWal> end = words.skip("end") ? Optional.of(words.endOfWal()) : p.end();
    Optional<String> mark = words.skip("mark") ? Optional.of(words.next()) : p.mark();
    return intent.with(
        new Intent.Progress(state, "is", epoch, candidate, end, mark, Optional.empty()));
  }

  /** {@code waits db1 max_connections 100 50}, {@code waits db1 nothing}: for a restart there. */
  private static void waits(Facts f, Words words) {
    MemberName member = words.member();
    List<PendingSetting> pending =
        words.skip("nothing")
            ? List.of()
            : List.of(new PendingSetting(words.next(), words.next(), words.next()));
    f.members.computeIfPresent(member, (_, info) -> ViewFacts.pending(info, pending));
    if (member.equals(f.self) && f.postgres instanceof PostgresStatus.Standby s) {
      f.postgres(
          new PostgresStatus.Standby(
              s.systemIdentifier(),
              s.dataId(),
              s.serverVersion(),
              s.postmasterStart(),
              s.upstream(),
              s.streaming(),
              s.receiverTimeline(),
              s.receive(),
              s.replay(),
              s.replayedAt(),
              s.replayPaused(),
              pending,
              s.receiverProblem(),
              s.replayStop()));
    }
  }

  /** {@code replays db3}, {@code replays db3 not "why"}: what db3 says of its replay. */
  private static void replays(Facts f, Words words) {
    MemberName member = words.member();
    Optional<String> why = words.skip("not") ? Optional.of(words.next()) : Optional.empty();
    f.members.computeIfPresent(member, (_, info) -> ViewFacts.held(info, why));
  }

  /**
   * {@code streams db3 10 at 0/3000000 [replayed 0/2000000]}: this primary sends to db3 under epoch
   * 10.
   */
  private static void streams(Facts f, Words words) {
    PostgresStatus.Primary p = (PostgresStatus.Primary) f.postgres;
    MemberName member = words.member();
    Epoch epoch = words.epoch();
    words.expect("at");
    java.util.ArrayList<PostgresStatus.Replication> rows =
        new java.util.ArrayList<>(p.replication());
    rows.add(
        new PostgresStatus.Replication(
            StandbyName.of(member, epoch, Objects.requireNonNull(f.dataIds.get(member)).dataId()),
            "replicator",
            "",
            "streaming",
            Optional.of(words.lsn()),
            words.skip("replayed") ? Optional.of(words.lsn()) : Optional.empty(),
            "async",
            0));
    f.postgres(
        new PostgresStatus.Primary(
            p.systemIdentifier(),
            p.dataId(),
            p.serverVersion(),
            p.postmasterStart(),
            p.timeline(),
            p.flush(),
            rows,
            p.slots(),
            p.pendingRestart()));
  }
}
