package io.quorate.ha.decide.election;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Counts the pledges of a round by the record that the ended epoch left, and says whose turn it is.
 * What everyone computes need not be the same: one transaction wins.
 */
public final class Election {

  /** How long the ended epoch's primary is waited for when the whole cluster starts anew. */
  static final Duration COLD_START = Duration.ofSeconds(10);

  private Election() {}

  /** Where the round stands for {@code round.self()}, whose own pledge is published. */
  public static Ballot count(Round round) {
    ClusterView view = round.view();
    EpochRecord ended = round.ended();
    List<Pledge> pledges = validPledges(view, ended);
    Optional<Ballot> tooFew =
        switch (ended.sync()) {
          case SyncRecord.Async() -> awaitAsync(round, pledges);
          case SyncRecord.Quorum quorum -> countQuorum(round, quorum, pledges);
        };
    return tooFew.orElseGet(() -> rank(round, pledges));
  }

  /** Pledges of this round whose directory is the one the store knows. */
  private static List<Pledge> validPledges(ClusterView view, EpochRecord ended) {
    return view.pledges().values().stream()
        .filter(pledge -> pledge.round().equals(ended.epoch()))
        .filter(pledge ->
            Optional.ofNullable(view.dataIds().get(pledge.member()))
                .filter(stored -> stored.dataId().equals(pledge.dataId()))
                .isPresent())
        .toList();
  }

  private static Optional<Ballot> awaitAsync(Round round, List<Pledge> pledges) {
    EpochRecord ended = round.ended();
    Duration waited = round.waited();
    boolean holderPledged = pledges.stream().anyMatch(p -> p.member().equals(ended.holder()));
    if (!round.leaderSeen() && !holderPledged && waited.compareTo(COLD_START) < 0) {
      return Optional.of(
          new Ballot.Incomplete(
              "the whole cluster starts: waiting for "
                  + ended.holder()
                  + ", the last primary, up to "
                  + COLD_START.toSeconds()
                  + " s",
              List.of(),
              COLD_START.minus(waited)));
    }
    List<MemberName> missing = new ArrayList<>();
    List<MemberName> ask = new ArrayList<>();
    for (MemberInfo member : round.view().members().values()) {
      if (pledges.stream().anyMatch(p -> p.member().equals(member.name())) || !canPledge(member)) {
        continue;
      }
      if (member.name().equals(ended.holder())) {
        Boolean answered = round.peers().get(member.name());
        if (answered == null) {
          ask.add(member.name());
        } else if (!answered) {
          continue;
        }
      }
      missing.add(member.name());
    }
    Duration left = windowLeft(round);
    return missing.isEmpty() || !left.isPositive()
        ? Optional.empty()
        : Optional.of(
            new Ballot.Incomplete(
                "waiting for the pledge of " + missing + ", at most " + left.toMillis() + " ms",
                ask,
                left));
  }

  /**
   * Time until those that have not pledged are not waited for any more: the window, and half of it
   * after the last pledge that came. Where nobody could pledge for a while, the store having had no
   * leader, all do at about the same time, and the first must not take itself for the only one.
   */
  private static Duration windowLeft(Round round) {
    Duration window = round.settings().timings().pledgeWindow();
    Duration left = window.minus(round.waited());
    Duration quiet = window.dividedBy(2).minus(round.settled());
    return left.compareTo(quiet) > 0 ? left : quiet;
  }

  private static boolean canPledge(MemberInfo member) {
    // A witness has no data id.
    return switch (member.state()) {
      case RUNNING, STARTING, RESTARTING, STOPPED, CRASHED, UNKNOWN, STOPPING ->
          member.dataId().isPresent();
      case INITDB,
          INITDB_FAILED,
          CUSTOM_BOOTSTRAP,
          CUSTOM_BOOTSTRAP_FAILED,
          CREATING_REPLICA,
          BOOTSTRAP_STARTING,
          START_FAILED,
          RESTART_FAILED,
          STOP_FAILED ->
          false;
    };
  }

  /** Every set that may have acknowledged must be met by a pledge: at least |V| − k + 1 of V. */
  private static Optional<Ballot> countQuorum(
      Round round, SyncRecord.Quorum record, List<Pledge> pledges) {
    EpochRecord ended = round.ended();
    boolean holderPledged =
        pledges.stream()
            .anyMatch(p -> p.member().equals(ended.holder()) && p.dataId().equals(ended.dataId()));
    if (holderPledged) {
      return Optional.empty();
    }
    if (record.voters().isEmpty()) {
      return Optional.of(
          new Ballot.Nobody(
              "the ended primary acknowledged alone: waiting for "
                  + ended.holder()
                  + ", or `quorate failover --accept-data-loss`"));
    }
    int needed = record.voters().size() - record.k() + 1;
    long counted =
        pledges.stream().filter(p -> p.dataId().equals(record.voters().get(p.member()))).count();
    if (counted >= needed) {
      return Optional.empty();
    }
    TreeMap<MemberName, ?> missing = new TreeMap<>(record.voters());
    pledges.stream()
        .filter(p -> p.dataId().equals(record.voters().get(p.member())))
        .forEach(p -> missing.remove(p.member()));
    String reason =
        needed
            + " of "
            + record.voters().size()
            + " synchronous members needed, have "
            + counted
            + ": waiting for "
            + missing.keySet();
    Duration left = round.settings().timings().pledgeWindow().minus(round.waited());
    return Optional.of(
        left.isPositive()
            ? new Ballot.Incomplete(reason, List.of(), left)
            : new Ballot.Nobody(reason + ", or `quorate failover --accept-data-loss`"));
  }

  private static Ballot rank(Round round, List<Pledge> pledges) {
    ClusterView view = round.view();
    EpochRecord ended = round.ended();
    CandidateRanking ranking = new CandidateRanking(view, round.branchBeforePosition());
    List<Pledge> order = ranking.bestFirst(pledges);
    List<Pledge> eligible =
        order.stream()
            .filter(p -> refusal(p, view, round.settings().maximumLagOnFailover()).isEmpty())
            .toList();
    if (eligible.isEmpty()) {
      return new Ballot.Nobody(whyNobody(round, pledges, order));
    }
    Pledge best = eligible.getFirst();
    if (ended.sync() instanceof SyncRecord.Quorum
        && ranking.reach().compare(best, order.getFirst()) < 0) {
      return new Ballot.Nobody(
          order.getFirst().member()
              + " is further ahead and may not be primary; "
              + best.member()
              + " must fetch its WAL first");
    }
    if (ended.sync() instanceof SyncRecord.Quorum) {
      // Nobody stands in for the best who lacks what it has: a client may have been told of that.
      eligible = eligible.stream().filter(p -> ranking.reach().compare(p, best) >= 0).toList();
    }
    int rank = 0;
    while (rank < eligible.size() && !eligible.get(rank).member().equals(round.self())) {
      rank++;
    }
    String evidence = best.member() + " is the best of " + pledges.size() + ": " + best.end();
    if (rank == 0) {
      return new Ballot.Mine(pledges, evidence);
    }
    if (rank == eligible.size()) {
      return new Ballot.Others(best.member(), evidence, Duration.ofSeconds(2));
    }
    Duration turn = round.settings().timings().pledgeWindow().multipliedBy(rank + 2L);
    Duration left = turn.minus(completeFor(round, pledges));
    return left.isPositive()
        ? new Ballot.Others(best.member(), evidence, left)
        : new Ballot.Mine(pledges, best.member() + " did not take the key in its turn");
  }

  /**
   * How long the best could have acted: since the last pledge came, not since the key vanished,
   * else all turns would be over at once in a round that had to wait long.
   */
  private static Duration completeFor(Round round, List<Pledge> pledges) {
    boolean holderPledged =
        pledges.stream().anyMatch(p -> p.member().equals(round.ended().holder()));
    if (round.leaderSeen() || holderPledged) {
      return round.settled();
    }
    Duration afterColdStart = round.waited().minus(COLD_START);
    return afterColdStart.compareTo(round.settled()) < 0 ? afterColdStart : round.settled();
  }

  private static Optional<String> refusal(Pledge pledge, ClusterView view, long maximumLag) {
    if (!pledge.mayBePrimary()) {
      return Optional.of(pledge.member() + " may not be primary (nofailover or priority 0)");
    }
    Lsn published = view.published().orElse(Lsn.INVALID);
    long lag = published.bytesSince(pledge.end().lsn());
    return lag > maximumLag
        ? Optional.of(
            pledge.member()
                + " lacks "
                + lag
                + " bytes, more than maximum_lag_on_failover ("
                + maximumLag
                + ")")
        : Optional.empty();
  }

  private static String whyNobody(Round round, List<Pledge> pledges, List<Pledge> inHistory) {
    List<String> reasons = new ArrayList<>();
    for (Pledge pledge : pledges) {
      reasons.add(
          inHistory.contains(pledge)
              ? refusal(pledge, round.view(), round.settings().maximumLagOnFailover()).orElse("")
              : pledge.member() + " is not on the cluster's history (" + pledge.end() + ")");
    }
    return "no eligible candidate: " + String.join("; ", reasons);
  }
}
