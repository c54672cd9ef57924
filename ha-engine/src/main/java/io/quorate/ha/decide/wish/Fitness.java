package io.quorate.ha.decide.wish;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.SyncRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a member could be primary, as the store tells it; positions there are up to two seconds
 * old, so lag is told and not judged.
 *
 * @param refusal why not; empty where it could
 * @param lagBytes behind the primary's last published position, or behind the furthest pledge;
 *     empty where it is not known
 * @param loss a sentence: what making it primary may lose
 */
public record Fitness(
    MemberName member, Optional<Refusal> refusal, OptionalLong lagBytes, String loss) {

  /** Whether it could. */
  public boolean fit() {
    return refusal.isEmpty();
  }

  /** All members but the primary: fit ones first, then least lag, then priority, then name. */
  public static List<Fitness> ofAll(ClusterView view) {
    return view.members().values().stream()
        .filter(m -> view.leader().filter(l -> l.holder().equals(m.name())).isEmpty())
        .map(m -> of(m.name(), view))
        .sorted(
            Comparator.comparing(Fitness::fit)
                .reversed()
                .thenComparingLong(f -> f.lagBytes().orElse(Long.MAX_VALUE))
                .thenComparingInt(f -> -priority(f.member(), view))
                .thenComparing(Fitness::member))
        .toList();
  }

  private static int priority(MemberName name, ClusterView view) {
    MemberInfo member = view.members().get(name);
    return member == null ? 0 : member.tags().failoverPriority();
  }

  /**
   * Whether {@code name} could take over by a switchover, or be failed over to without a primary.
   */
  public static Fitness of(MemberName name, ClusterView view) {
    MemberInfo member = view.members().get(name);
    if (member == null) {
      return unfit(name, Refusal.Code.MEMBER_UNKNOWN, unknown(name, view));
    }
    if (member.isWitness()) {
      return new Fitness(
          name, Optional.of(Refusal.witness(name)), OptionalLong.empty(), "it has no data");
    }
    if (view.leader().filter(l -> l.holder().equals(name)).isPresent()) {
      return unfit(name, Refusal.Code.MEMBER_IS_PRIMARY, name + " is the primary already");
    }
    OptionalLong lag = lag(member, view);
    Optional<Refusal> refusal =
        eligible(member)
            .or(() -> running(member))
            .or(() -> attached(member, view))
            .or(() -> replays(member));
    return new Fitness(name, refusal, lag, loss(member, view, lag));
  }

  /** That nobody has the name, and who there is. */
  static String unknown(MemberName name, ClusterView view) {
    return "no agent of the name "
        + name
        + " is there; there are "
        + String.join(", ", view.members().keySet().stream().map(MemberName::value).toList());
  }

  private static Fitness unfit(MemberName name, Refusal.Code code, String reason) {
    return new Fitness(
        name, Optional.of(new Refusal(code, reason)), OptionalLong.empty(), "cannot be told");
  }

  private static Optional<Refusal> eligible(MemberInfo member) {
    return member.tags().mayBePrimary()
        ? Optional.empty()
        : refuse(
            Refusal.Code.CANDIDATE_NOT_ELIGIBLE,
            member.name() + " may not be primary (nofailover or failover_priority 0)");
  }

  private static Optional<Refusal> running(MemberInfo member) {
    boolean runs =
        switch (member.state()) {
          case RUNNING -> member.dataId().isPresent();
          case INITDB,
              INITDB_FAILED,
              CUSTOM_BOOTSTRAP,
              CUSTOM_BOOTSTRAP_FAILED,
              CREATING_REPLICA,
              STARTING,
              BOOTSTRAP_STARTING,
              START_FAILED,
              RESTARTING,
              RESTART_FAILED,
              STOPPING,
              STOPPED,
              STOP_FAILED,
              CRASHED,
              UNKNOWN ->
              false;
        };
    return runs
        ? Optional.empty()
        : refuse(
            Refusal.Code.CANDIDATE_NOT_RUNNING,
            "PostgreSQL on " + member.name() + " is " + member.state().text());
  }

  private static Optional<Refusal> attached(MemberInfo member, ClusterView view) {
    if (view.leader().isEmpty()) {
      return Optional.empty();
    }
    boolean attached =
        member.streaming()
            && member
                .attached()
                .filter(a -> a.epoch().equals(view.leader().get().epoch()))
                .isPresent();
    return attached
        ? Optional.empty()
        : refuse(
            Refusal.Code.CANDIDATE_NOT_ATTACHED,
            member.name()
                + " does not stream from "
                + view.leader().get().holder()
                + ", the primary of epoch "
                + view.leader().get().epoch());
  }

  /** It would have to replay all that it has before it could be told where its WAL ends. */
  private static Optional<Refusal> replays(MemberInfo member) {
    return member
        .replayHeld()
        .flatMap(why ->
            refuse(
                Refusal.Code.CANDIDATE_REPLAY_HELD,
                member.name() + " replays no WAL and could not take over: " + why));
  }

  private static Optional<Refusal> refuse(Refusal.Code code, String reason) {
    return Optional.of(new Refusal(code, reason));
  }

  private static OptionalLong lag(MemberInfo member, ClusterView view) {
    Optional<Lsn> own = pledged(member.name(), view).map(EndOfWal::lsn).or(() -> member.position());
    Optional<Lsn> furthest = furthest(view);
    return own.isPresent() && furthest.isPresent()
        ? OptionalLong.of(Math.max(0, furthest.get().bytesSince(own.get())))
        : OptionalLong.empty();
  }

  private static Optional<EndOfWal> pledged(MemberName name, ClusterView view) {
    return Optional.ofNullable(view.pledges().get(name))
        .filter(p -> p.round().equals(view.round()) && view.leader().isEmpty())
        .map(Pledge::end);
  }

  /** The primary's last published position, or what somebody has pledged beyond it. */
  private static Optional<Lsn> furthest(ClusterView view) {
    Optional<Lsn> pledged =
        view.leader().isPresent()
            ? Optional.empty()
            : view.pledges().values().stream()
                .filter(p -> p.round().equals(view.round()))
                .map(p -> p.end().lsn())
                .max(Comparator.naturalOrder());
    return view.published().map(lsn -> pledged.map(lsn::max).orElse(lsn)).or(() -> pledged);
  }

  private static String loss(MemberInfo member, ClusterView view, OptionalLong lag) {
    if (view.leader().isPresent()) {
      return "nothing: " + view.leader().get().holder() + " stops first and hands over";
    }
    Optional<EpochRecord> ended = view.lastEpoch();
    if (ended.filter(e -> e.holder().equals(member.name())).isPresent()) {
      return "nothing: it was the last primary";
    }
    String seen =
        lag.isPresent()
            ? lag.getAsLong() + " bytes of WAL that were seen, and what came after them"
            : "what the last primary wrote and this member has not";
    return ended.map(EpochRecord::sync).orElseGet(SyncRecord.Async::new)
            instanceof SyncRecord.Quorum
        ? "up to "
            + seen
            + ", acknowledged commits among them unless the members that"
            + " acknowledge have pledged"
        : "up to " + seen;
  }
}
