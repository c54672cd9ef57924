package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.SharedLimits;
import io.quorate.ha.model.Wish;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where many are to be restarted at the same time, one goes after the other, and the primary last,
 * or first where standbys can follow only after it; whoever has nothing left to wait for goes on,
 * and after a while everybody.
 */
final class RestartTurns {

  private RestartTurns() {}

  /**
   * Whether it is not this member's turn yet.
   *
   * @param pending settings that wait for a restart here
   */
  static boolean waits(
      Observation o, ClusterView view, Wish.Restart own, List<PendingSetting> pending) {
    return own.scheduledAt().filter(at -> o.wall().isBefore(at.plus(Tick.TURNS))).isPresent()
        && (ofThisTime(view, own)
                .filter(Intent::open)
                .anyMatch(other -> goesBefore(other, own.member(), view))
            || (pending.isEmpty() && primaryWentJustNow(o, view, own)));
  }

  private static Stream<Intent> ofThisTime(ClusterView view, Wish.Restart own) {
    return view.intents().values().stream()
        .filter(other ->
            other.wish() instanceof Wish.Restart restart
                && !restart.member().equals(own.member())
                && restart.scheduledAt().equals(own.scheduledAt())
                && view.members().containsKey(restart.member()));
  }

  private static boolean goesBefore(Intent other, MemberName self, ClusterView view) {
    if (other.progress().state() == Intent.State.RUNNING) {
      return true;
    }
    MemberName name = ((Wish.Restart) other.wish()).member();
    Optional<MemberName> primary = view.leader().map(ClusterView.Leader::holder);
    boolean isOther = primary.equals(Optional.of(name));
    boolean isSelf = primary.equals(Optional.of(self));
    return isOther == isSelf ? name.compareTo(self) < 0 : isSelf != primaryFirst(primary, view);
  }

  private static boolean primaryFirst(Optional<MemberName> primary, ClusterView view) {
    return primary
        .map(name -> view.members().get(name))
        .map(MemberInfo::pendingRestart)
        .filter(SharedLimits::primaryFirst)
        .isPresent();
  }

  /**
   * It has gone first: a standby that is restarted before it has learned from the WAL that its
   * primary has less would keep as much as it has. What it learns shows as pending.
   */
  private static boolean primaryWentJustNow(Observation o, ClusterView view, Wish.Restart own) {
    Optional<MemberName> primary = view.leader().map(ClusterView.Leader::holder);
    return ofThisTime(view, own)
        .filter(other -> other.progress().state() == Intent.State.DONE)
        .filter(other -> primary.equals(Optional.of(((Wish.Restart) other.wish()).member())))
        .flatMap(other -> Optional.ofNullable(o.intentSince().get(other.wish().slot())).stream())
        .anyMatch(at -> at.until(o.now()).compareTo(Tick.LEARNING) < 0);
  }
}
