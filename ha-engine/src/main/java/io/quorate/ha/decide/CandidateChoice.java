package io.quorate.ha.decide;

import io.quorate.ha.decide.wish.Fitness;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.StandbyName;
import io.quorate.ha.model.Wish;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who takes over by a wish, as the primary judges it when it acts: by what the store tells, and by
 * what its own PostgreSQL sees of its standbys.
 *
 * @param refusal why that member, or nobody, can
 */
record CandidateChoice(MemberName candidate, Optional<Refusal> refusal) {

  /** Bytes that a standby replays well within the time for which a stopped primary waits for it. */
  private static final long REPLAYED_IN_TIME = 64L << 20;

  /** What passes when an agent or a server comes back, or a standby catches up. */
  private static final Set<Refusal.Code> MAY_PASS =
      Set.of(
          Refusal.Code.MEMBER_UNKNOWN,
          Refusal.Code.CANDIDATE_NOT_RUNNING,
          Refusal.Code.CANDIDATE_NOT_ATTACHED,
          Refusal.Code.CANDIDATE_LAGS,
          Refusal.Code.CANDIDATE_REPLAY_HELD,
          Refusal.Code.NO_CANDIDATE);

  /**
   * Until when a scheduled wish goes on to wait for a candidate: nobody is there to ask again.
   * Empty: there is one, or there will be none.
   */
  Optional<Instant> awaitedUntil(Wish wish, Instant now) {
    return refusal
        .filter(r -> MAY_PASS.contains(r.code()))
        .flatMap(_ -> wish.scheduledAt())
        .map(at -> at.plus(Tick.CANDIDATE_BACK))
        .filter(now::isBefore);
  }

  static CandidateChoice of(
      Observation o, ClusterView view, Epoch epoch, PostgresStatus.Primary primary, Wish wish) {
    return switch (wish) {
      case Wish.Failover f ->
          new CandidateChoice(f.candidate(), Fitness.of(f.candidate(), view).refusal());
      case Wish.Switchover s -> {
        if (s.leader().filter(named -> !named.equals(o.self())).isPresent()) {
          yield refused(
              o,
              Refusal.Code.PRIMARY_IS_ANOTHER,
              "the primary is " + o.self() + " by now, not " + s.leader().get());
        }
        if (s.candidate().isPresent()) {
          MemberName named = s.candidate().get();
          yield new CandidateChoice(named, unfit(o, view, epoch, primary, named));
        }
        if (o.settings().pause()) {
          yield refused(
              o,
              Refusal.Code.CANDIDATE_REQUIRED,
              "the cluster is paused: a candidate has to be named");
        }
        List<MemberName> others = Fitness.ofAll(view).stream().map(Fitness::member).toList();
        yield others.stream()
            .filter(name -> unfit(o, view, epoch, primary, name).isEmpty())
            .findFirst()
            .map(name -> new CandidateChoice(name, Optional.empty()))
            .orElseGet(() ->
                refused(
                    o,
                    Refusal.Code.NO_CANDIDATE,
                    "nobody can take over: "
                        + String.join(
                            "; ",
                            others.stream()
                                .flatMap(n -> unfit(o, view, epoch, primary, n).stream())
                                .map(Refusal::reason)
                                .toList())));
      }
      case Wish.Restart _, Wish.Reload _, Wish.Reinit _ ->
          refused(o, Refusal.Code.CONFLICT, "not a wish about who is primary");
    };
  }

  private static CandidateChoice refused(Observation o, Refusal.Code code, String reason) {
    return new CandidateChoice(o.self(), Optional.of(new Refusal(code, reason)));
  }

  /** What the store tells, then what this primary sees of the candidate itself. */
  private static Optional<Refusal> unfit(
      Observation o,
      ClusterView view,
      Epoch epoch,
      PostgresStatus.Primary primary,
      MemberName candidate) {
    Optional<Refusal> known = Fitness.of(candidate, view).refusal();
    ClusterView.StoredDataId dataId = view.dataIds().get(candidate);
    if (known.isPresent() || dataId == null) {
      return known;
    }
    String name = StandbyName.of(candidate, epoch, dataId.dataId());
    Optional<PostgresStatus.Replication> row =
        primary.replication().stream()
            .filter(r -> r.applicationName().equals(name) && r.state().equals("streaming"))
            .findFirst();
    if (row.isEmpty()) {
      return Optional.of(
          new Refusal(
              Refusal.Code.CANDIDATE_NOT_ATTACHED,
              candidate + " receives nothing from " + o.self() + " now"));
    }
    long lag = row.get().flush().map(primary.flush()::bytesSince).orElse(Long.MAX_VALUE);
    long most = o.settings().maximumLagOnFailover();
    if (lag > most) {
      return lags(
          candidate + " lacks " + lag + " bytes, more than maximum_lag_on_failover (" + most + ")");
    }
    long unreplayed = row.get().replay().map(primary.flush()::bytesSince).orElse(0L);
    return unreplayed <= REPLAYED_IN_TIME
        ? Optional.empty()
        : lags(
            candidate
                + " has "
                + unreplayed
                + " bytes of WAL still to replay before it could take over, too many while nobody"
                + " serves (recovery_min_apply_delay, or queries there that hold it up?)");
  }

  private static Optional<Refusal> lags(String reason) {
    return Optional.of(new Refusal(Refusal.Code.CANDIDATE_LAGS, reason));
  }
}
