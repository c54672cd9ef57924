package io.quorate.ha.decide.wish;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import java.time.Instant;
import java.util.Optional;

/** What can be said against a wish when it is made. Whoever acts on it checks again, with facts. */
public final class WishCheck {

  private WishCheck() {}

  /** The first objection to {@code wish}; for prompts too: nothing is changed. */
  public static Optional<Refusal> objection(Wish wish, ClusterView view, Instant now) {
    return unfinished(wish, view)
        .or(() -> tooLate(wish, now))
        .or(() ->
            switch (wish) {
              case Wish.Switchover s -> switchover(s, view);
              case Wish.Failover f -> failover(f, view);
              case Wish.Restart r -> restart(r, view);
              case Wish.Reload r -> hasPostgres(r.member(), view);
              case Wish.Reinit r -> reinit(r, view);
            });
  }

  private static Optional<Refusal> unfinished(Wish wish, ClusterView view) {
    return view.openIntent(wish.slot())
        .map(open ->
            new Refusal(
                Refusal.Code.ALREADY_IN_PROGRESS,
                "one is not finished: " + describe(open) + "; wait for it" + takenBack(open)));
  }

  private static String takenBack(Intent open) {
    boolean cancellable =
        open.progress().state() == Intent.State.PENDING
            || open.progress().state() == Intent.State.PREPARING;
    return cancellable && !(open.wish() instanceof Wish.Failover)
        ? ", or take it back first: 'quorate flush " + kind(open.wish()) + "'"
        : "";
  }

  private static String kind(Wish wish) {
    return switch (wish) {
      case Wish.Switchover _ -> "switchover";
      case Wish.Failover _ -> "failover";
      case Wish.Restart r -> "restart " + r.member();
      case Wish.Reload r -> "reload " + r.member();
      case Wish.Reinit r -> "reinit " + r.member();
    };
  }

  private static String describe(Intent open) {
    return kind(open.wish())
        + ", asked by "
        + open.requester()
        + " at "
        + open.askedAt()
        + ", "
        + open.progress().state()
        + " ("
        + open.progress().reason()
        + ")";
  }

  private static Optional<Refusal> tooLate(Wish wish, Instant now) {
    return wish.scheduledAt()
        .filter(at -> !at.isAfter(now))
        .map(at ->
            new Refusal(
                Refusal.Code.SCHEDULED_IN_THE_PAST, "scheduled_at " + at + " has passed already"));
  }

  private static Optional<Refusal> switchover(Wish.Switchover wish, ClusterView view) {
    if (view.leader().isEmpty()) {
      return refuse(
          Refusal.Code.NO_PRIMARY, "there is no primary to switch over from: use a failover");
    }
    MemberName holder = view.leader().get().holder();
    if (wish.leader().filter(named -> !named.equals(holder)).isPresent()) {
      return refuse(
          Refusal.Code.PRIMARY_IS_ANOTHER,
          "the primary is " + holder + ", not " + wish.leader().get());
    }
    boolean paused = view.settings().filter(s -> s.pause()).isPresent();
    if (paused && wish.scheduledAt().isPresent()) {
      return refuse(Refusal.Code.PAUSED, "nothing can be scheduled while the cluster is paused");
    }
    if (paused && wish.candidate().isEmpty()) {
      return refuse(
          Refusal.Code.CANDIDATE_REQUIRED, "the cluster is paused: a candidate has to be named");
    }
    if (wish.scheduledAt().isPresent()) {
      return wish.candidate().flatMap(name -> later(name, view));
    }
    if (wish.candidate().isPresent()) {
      return Fitness.of(wish.candidate().get(), view).refusal();
    }
    return Fitness.ofAll(view).stream().anyMatch(Fitness::fit)
        ? Optional.empty()
        : refuse(
            Refusal.Code.NO_CANDIDATE,
            "nobody could take over: "
                + String.join(
                    "; ",
                    Fitness.ofAll(view).stream()
                        .flatMap(f -> f.refusal().stream())
                        .map(Refusal::reason)
                        .toList()));
  }

  /** What will not have changed by then, most likely. */
  private static Optional<Refusal> later(MemberName candidate, ClusterView view) {
    return Fitness.of(candidate, view)
        .refusal()
        .filter(r ->
            r.code() == Refusal.Code.MEMBER_UNKNOWN
                || r.code() == Refusal.Code.MEMBER_IS_PRIMARY
                || r.code() == Refusal.Code.MEMBER_IS_WITNESS
                || r.code() == Refusal.Code.CANDIDATE_NOT_ELIGIBLE);
  }

  private static Optional<Refusal> failover(Wish.Failover wish, ClusterView view) {
    Fitness fitness = Fitness.of(wish.candidate(), view);
    if (!fitness.fit()) {
      return fitness.refusal();
    }
    return view.leader().isEmpty()
            && !wish.acceptDataLoss()
            && !fitness.loss().startsWith("nothing")
        ? refuse(
            Refusal.Code.DATA_LOSS_NOT_ACCEPTED,
            "making " + wish.candidate() + " primary now may lose " + fitness.loss())
        : Optional.empty();
  }

  private static Optional<Refusal> restart(Wish.Restart wish, ClusterView view) {
    if (wish.scheduledAt().isPresent() && view.settings().filter(s -> s.pause()).isPresent()) {
      return refuse(Refusal.Code.PAUSED, "nothing can be scheduled while the cluster is paused");
    }
    return hasPostgres(wish.member(), view)
        .or(() ->
            wish.scheduledAt().isPresent()
                ? Optional.empty()
                : conditions(wish, view.members().get(wish.member())));
  }

  private static Optional<Refusal> conditions(
      Wish.Restart wish, @org.jspecify.annotations.Nullable MemberInfo member) {
    if (member == null) {
      return Optional.empty();
    }
    if (wish.only().role().filter(role -> role != member.role()).isPresent()) {
      return refuse(Refusal.Code.CONDITIONS_NOT_MET, member.name() + " is " + member.role().text());
    }
    return Optional.empty();
  }

  private static Optional<Refusal> reinit(Wish.Reinit wish, ClusterView view) {
    if (view.leader().isEmpty()) {
      return refuse(Refusal.Code.NO_PRIMARY, "there is no primary to copy from");
    }
    return view.leader().get().holder().equals(wish.member())
        ? refuse(
            Refusal.Code.MEMBER_IS_PRIMARY,
            wish.member() + " is the primary: its data is the cluster's; switch over first")
        : hasPostgres(wish.member(), view);
  }

  private static Optional<Refusal> hasPostgres(MemberName name, ClusterView view) {
    MemberInfo member = view.members().get(name);
    if (member == null) {
      return refuse(Refusal.Code.MEMBER_UNKNOWN, Fitness.unknown(name, view));
    }
    return member.isWitness() ? Optional.of(Refusal.witness(name)) : Optional.empty();
  }

  private static Optional<Refusal> refuse(Refusal.Code code, String reason) {
    return Optional.of(new Refusal(code, reason));
  }
}
