package io.quorate.ha.explain;

import io.quorate.ha.decide.wish.Fitness;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.Refusal;
import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Why a member is what it is and why nobody takes over, as that member sees it.
 *
 * @param member who explains
 * @param situation stable name of the situation its engine is in
 * @param reason the sentence behind its last decision
 * @param role why it has its role
 * @param failover why there is no failover now, or what one waits for
 * @param wouldChange what would have to happen for another primary
 * @param standings who could take over
 */
public record Explanation(
    MemberName member,
    String situation,
    String reason,
    List<String> role,
    List<String> failover,
    List<String> wouldChange,
    List<Standing> standings) {

  /** Copies the lists. */
  public Explanation {
    role = List.copyOf(role);
    failover = List.copyOf(failover);
    wouldChange = List.copyOf(wouldChange);
    standings = List.copyOf(standings);
  }

  /**
   * Whether a member could take over.
   *
   * @param refusal why not; empty where it could
   * @param lagBytes behind the primary's last published position; empty where it is not known
   * @param loss a sentence: what a failover to it may lose
   */
  public record Standing(
      MemberName member, Optional<Refusal> refusal, OptionalLong lagBytes, String loss) {}

  /** Explains {@code s} at {@code now}. */
  public static Explanation of(NodeSnapshot s, BootTime now) {
    List<Standing> standings =
        s.cluster().map(Fitness::ofAll).orElse(List.of()).stream()
            .map(f -> new Standing(f.member(), f.refusal(), f.lagBytes(), f.loss()))
            .toList();
    return new Explanation(
        s.name(),
        s.situation(),
        s.reason(),
        role(s),
        failover(s, now),
        wouldChange(s, standings),
        standings);
  }

  private static List<String> role(NodeSnapshot s) {
    List<String> lines = new ArrayList<>();
    Optional<ClusterView.Leader> leader = s.cluster().flatMap(ClusterView::leader);
    if (s.holdUntil().isPresent()) {
      lines.add(
          s.name()
              + " is the primary: it holds the lease of epoch "
              + s.epoch().map(Object::toString).orElse("?")
              + came(s));
      lines.add(
          s.writable()
              ? "its PostgreSQL is writable, and its branch is the cluster's history"
              : "its PostgreSQL is not writable yet: clients are not sent to it");
    } else if (leader.filter(l -> l.holder().equals(s.name())).isPresent()) {
      lines.add(
          "the store names "
              + s.name()
              + " as the primary, but it does not know its lease to be good: it does not serve");
    } else if (s.role() == PatroniRole.WITNESS) {
      lines.add(
          s.name()
              + " is a witness: it votes in the store, has no PostgreSQL, and never becomes the"
              + " primary");
    } else if (leader.isPresent()) {
      lines.add(
          s.name()
              + " is a standby: "
              + leader.get().holder()
              + " holds the lease of epoch "
              + leader.get().epoch());
    } else {
      lines.add("nobody holds the lease, so nobody is the primary");
    }
    storeTrouble(s).ifPresent(lines::add);
    return lines;
  }

  /** How the epoch of the present primary began. */
  private static String came(NodeSnapshot s) {
    Optional<EpochRecord> record =
        s.cluster()
            .flatMap(ClusterView::lastEpoch)
            .filter(e -> s.epoch().filter(e.epoch()::equals).isPresent());
    Optional<String> report =
        s.cluster()
            .flatMap(view -> s.epoch().map(epoch -> view.failovers().get(epoch)))
            .map(r -> ", taken at " + r.at() + " because " + r.cause());
    return report.orElseGet(() ->
        record
            .filter(e -> e.cause() == EpochRecord.Cause.BOOTSTRAP)
            .map(_ -> ", since the cluster was made")
            .orElse(""));
  }

  /** Whether what is known of the cluster may be outdated. */
  private static Optional<String> storeTrouble(NodeSnapshot s) {
    return s.store()
        .problem()
        .or(() ->
            s.store().leader().isPresent()
                ? Optional.empty()
                : Optional.of("the store has no leader"))
        .map(trouble -> "what it knows of the cluster may be outdated: " + trouble);
  }

  private static List<String> failover(NodeSnapshot s, BootTime now) {
    List<String> lines = new ArrayList<>();
    HaTimings timings = s.settings().timings();
    if (s.settings().pause()) {
      lines.add("the cluster is paused: nobody takes over by itself");
    }
    Optional<ClusterView.Leader> leader = s.cluster().flatMap(ClusterView::leader);
    if (s.holdUntil().isPresent()) {
      Duration left = now.until(s.holdUntil().get());
      lines.add(
          left.isNegative()
              ? "its lease could not be renewed in time: PostgreSQL is ended here"
              : "its lease is good for another "
                  + seconds(left)
                  + " and renewed every "
                  + seconds(timings.renewEvery()));
    } else if (leader.isPresent()) {
      lines.add(
          "the lease of "
              + leader.get().holder()
              + " stands in the store; it ends "
              + seconds(timings.ttl())
              + " after it is last renewed");
    } else {
      lines.add("a failover is due: " + s.reason());
    }
    if (storeTrouble(s).isPresent()) {
      lines.add("without a majority of the store's voters nobody can take over");
    }
    return lines;
  }

  private static List<String> wouldChange(NodeSnapshot s, List<Standing> standings) {
    List<String> lines = new ArrayList<>();
    HaTimings timings = s.settings().timings();
    Optional<ClusterView.Leader> leader = s.cluster().flatMap(ClusterView::leader);
    List<MemberName> fit =
        standings.stream().filter(st -> st.refusal().isEmpty()).map(Standing::member).toList();
    if (storeTrouble(s).isPresent()) {
      lines.add(majorityBack(s));
    }
    if (s.settings().pause()) {
      lines.add("'quorate resume' ends the pause");
    }
    if (leader.isPresent()) {
      MemberName holder = leader.get().holder();
      lines.add(
          holder
              + "'s lease is not renewed for "
              + seconds(timings.ttl())
              + ": its agent dead, frozen, or without the store's majority");
      lines.add(
          "its agent gives the lease back: PostgreSQL is dead and does not come up within "
              + seconds(s.settings().primaryStartTimeout())
              + ", or the agent is stopped");
      if (!fit.isEmpty()) {
        lines.add("an operator: 'quorate switchover --candidate " + fit.getFirst() + "'");
      }
    }
    lines.add(
        fit.isEmpty()
            ? "nobody could take over now: each member below says what it lacks"
            : "first in line as positions were last seen: " + fit.getFirst());
    return lines;
  }

  /** Before anything else can be done, by itself or by an operator. */
  private static String majorityBack(NodeSnapshot s) {
    List<StoreStatus.Voter> voters = s.store().voters();
    List<String> away =
        voters.stream().filter(v -> !v.reachable()).map(StoreStatus.Voter::name).toList();
    return "first of all a majority of the store's voters has to answer, "
        + (voters.size() / 2 + 1)
        + " of "
        + voters.size()
        + (away.isEmpty()
            ? ""
            : ": start the agents that "
                + s.name()
                + " does not reach, or mend the network to them: "
                + String.join(", ", away));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", Math.max(0, duration.toMillis()) / 1000.0);
  }
}
