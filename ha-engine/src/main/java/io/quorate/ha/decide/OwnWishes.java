package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Wishes about this member alone: restart, reload, reinit. Each is noted as begun before anything
 * is touched, with a mark by which a later run of the agent sees whether it was done.
 */
final class OwnWishes {

  private static final Duration STOP_BOUND = Duration.ofSeconds(60);

  /** How long a restarted standby may take, stop and start included, until it receives again. */
  private static final Duration STREAM_BOUND = Duration.ofMinutes(2);

  private OwnWishes() {}

  /** What one of them asks for now; empty where PostgreSQL is to be looked after as ever. */
  static Optional<Decision> decide(Observation o, ClusterView view) {
    return restart(o, view).or(() -> reload(o, view)).or(() -> reinit(o, view));
  }

  // Restart

  private static Optional<Decision> restart(Observation o, ClusterView view) {
    Optional<Intent> open = view.openIntent("restart/" + o.self());
    Optional<Server> server = server(o.postgres());
    if (open.isEmpty() || !(open.get().wish() instanceof Wish.Restart wish)) {
      return Optional.empty();
    }
    Intent intent = open.get();
    if (intent.progress().state() == Intent.State.PENDING) {
      return server
          .filter(running -> !RestartTurns.waits(o, view, wish, running.pending()))
          .flatMap(running -> begin(o, intent, wish, running));
    }
    if (server.isEmpty()) {
      return Optional.empty();
    }
    String since = server.get().start().toString();
    if (!intent.progress().mark().equals(Optional.of(since))) {
      return restarted(o, view, intent, "PostgreSQL on " + o.self() + " runs since " + since);
    }
    Optional<OperationFailure> failed = o.failure().filter(f -> f.operation().equals("stop"));
    return Optional.of(
        failed.isPresent()
            ? advance(
                intent, Intent.State.FAILED, "it could not be stopped: " + failed.get().reason())
            : Decision.act(
                Decision.Code.RESTARTING,
                "stopping PostgreSQL to start it again",
                new Action.Run(
                    new PostgresOperation.Stop(true, wish.timeout().orElse(STOP_BOUND)))));
  }

  /** A standby is back once it receives again: only then may the next one go. */
  private static Optional<Decision> restarted(
      Observation o, ClusterView view, Intent intent, String runs) {
    Optional<MemberName> upstream =
        view.leader().map(ClusterView.Leader::holder).filter(holder -> !holder.equals(o.self()));
    boolean behind =
        upstream.isPresent()
            && o.postgres() instanceof PostgresStatus.Standby standby
            && !standby.streaming();
    if (!behind) {
      return Optional.of(advance(intent, Intent.State.DONE, runs));
    }
    boolean late =
        Optional.ofNullable(o.intentSince().get(intent.wish().slot()))
            .filter(at -> at.until(o.now()).compareTo(STREAM_BOUND) > 0)
            .isPresent();
    return late
        ? Optional.of(
            advance(
                intent,
                Intent.State.FAILED,
                runs + ", but does not receive from " + upstream.get() + "; 'quorate explain'"))
        : Optional.empty();
  }

  private static Optional<Decision> begin(
      Observation o, Intent intent, Wish.Restart wish, Server server) {
    if (wish.scheduledAt().filter(at -> o.wall().isBefore(at)).isPresent()) {
      return Optional.empty();
    }
    Optional<Refusal> refusal = unmet(o, wish, server);
    return Optional.of(
        refusal.isPresent()
            ? Decision.act(
                Decision.Code.RESTARTING,
                "not restarted: " + refusal.get().reason(),
                new Action.Advance(intent.with(intent.progress().refused(refusal.get()))))
            : begun(intent, server.start().toString(), "restarting " + o.self()));
  }

  private static Optional<Refusal> unmet(Observation o, Wish.Restart wish, Server server) {
    boolean late =
        wish.scheduledAt().filter(at -> o.wall().isAfter(at.plus(Tick.MISSED))).isPresent();
    if (late) {
      return refuse(
          Refusal.Code.SCHEDULED_IN_THE_PAST,
          "nobody could act on it within " + Tick.MISSED.toMinutes() + " minutes of its time");
    }
    if (o.paused() && wish.scheduledAt().isPresent()) {
      return refuse(Refusal.Code.PAUSED, "its time came while the cluster was paused");
    }
    if (wish.only().role().filter(role -> role != server.role()).isPresent()) {
      return refuse(Refusal.Code.CONDITIONS_NOT_MET, o.self() + " is " + server.role().text());
    }
    if (wish.only().versionBelow().filter(v -> server.version() >= v).isPresent()) {
      return refuse(
          Refusal.Code.CONDITIONS_NOT_MET,
          o.self() + " runs PostgreSQL " + text(server.version()) + " already");
    }
    return wish.only().pending() && server.pending().isEmpty()
        ? refuse(Refusal.Code.CONDITIONS_NOT_MET, "no setting waits for a restart")
        : Optional.empty();
  }

  /** As people write it, such as 15.4; PostgreSQL's own number is 150004. */
  private static String text(int version) {
    return version / 10_000 + "." + version % 10_000;
  }

  private static Optional<Refusal> refuse(Refusal.Code code, String reason) {
    return Optional.of(new Refusal(code, reason));
  }

  private record Server(
      PatroniRole role, int version, Instant start, List<PendingSetting> pending) {}

  private static Optional<Server> server(PostgresStatus status) {
    return switch (status) {
      case PostgresStatus.Primary p ->
          Optional.of(
              new Server(
                  PatroniRole.PRIMARY, p.serverVersion(), p.postmasterStart(), p.pendingRestart()));
      case PostgresStatus.Standby s ->
          Optional.of(
              new Server(
                  PatroniRole.REPLICA, s.serverVersion(), s.postmasterStart(), s.pendingRestart()));
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          Optional.empty();
    };
  }

  // Reload

  private static Optional<Decision> reload(Observation o, ClusterView view) {
    Optional<Intent> open = view.openIntent("reload/" + o.self());
    if (open.isEmpty() || server(o.postgres()).isEmpty()) {
      return Optional.empty();
    }
    Intent intent = open.get();
    Optional<Observation.Reloaded> done =
        o.reloaded().filter(reloaded -> reloaded.wish().equals(intent.id()));
    if (done.isPresent()) {
      return Optional.of(
          advance(
              intent,
              Intent.State.DONE,
              "the settings of " + o.self() + " were read again: " + done.get().what()));
    }
    Optional<OperationFailure> failed = o.failure().filter(f -> f.operation().equals("reload"));
    return Optional.of(
        failed.isPresent()
            ? advance(intent, Intent.State.FAILED, failed.get().reason())
            : Decision.act(
                Decision.Code.RESTARTING,
                "reading the settings again",
                new Action.Run(
                    new PostgresOperation.Reload(intent.id(), o.settings().parameters()))));
  }

  // Reinit

  private static Optional<Decision> reinit(Observation o, ClusterView view) {
    Optional<Intent> open = view.openIntent("reinit/" + o.self());
    if (open.isEmpty() || view.leader().isEmpty()) {
      return Optional.empty();
    }
    Intent intent = open.get();
    if (view.leader().get().holder().equals(o.self())) {
      return Optional.of(advance(intent, Intent.State.FAILED, o.self() + " is the primary by now"));
    }
    String here = o.durable().dataId().map(DataId::value).orElse("none");
    if (intent.progress().state() == Intent.State.PENDING) {
      return Optional.of(begun(intent, here, "copying " + o.self() + " anew"));
    }
    boolean former = intent.progress().mark().equals(Optional.of(here));
    if (former && !(o.postgres() instanceof PostgresStatus.NoData)) {
      return Optional.of(
          view.pledges().containsKey(o.self())
              ? Decision.act(
                  Decision.Code.REBUILDING,
                  "withdrawing the pledge before the directory is put aside",
                  new Action.WithdrawPledge())
              : Decision.act(
                  Decision.Code.REBUILDING,
                  "moving the data directory aside to clone anew, as "
                      + intent.requester()
                      + " asked",
                  new Action.Run(
                      new PostgresOperation.RemoveData("reinit by " + intent.requester()))));
    }
    boolean back =
        !former
            && o.postgres() instanceof PostgresStatus.Standby standby
            && standby.streaming()
            && o.durable().unfinished().isEmpty();
    return back
        ? Optional.of(advance(intent, Intent.State.DONE, o.self() + " was copied anew and streams"))
        : Optional.empty();
  }

  private static Decision begun(Intent intent, String mark, String reason) {
    Intent.Progress now = intent.progress();
    return Decision.act(
        Decision.Code.RESTARTING,
        reason,
        new Action.Advance(
            intent.with(
                new Intent.Progress(
                    Intent.State.RUNNING,
                    reason,
                    now.epoch(),
                    now.candidate(),
                    now.end(),
                    Optional.of(mark),
                    Optional.empty()))));
  }

  private static Decision advance(Intent intent, Intent.State state, String reason) {
    return Decision.act(
        Decision.Code.RESTARTING,
        reason,
        new Action.Advance(intent.with(intent.progress().with(state, reason))));
  }
}
