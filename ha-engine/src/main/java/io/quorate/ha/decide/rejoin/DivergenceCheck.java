package io.quorate.ha.decide.rejoin;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.TimelineId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The proof that a member gives before it attaches: a WAL receiver reports the flush position of
 * its old timeline to the new primary, so WAL that is not on the upstream's branch must never be
 * brought there.
 */
public final class DivergenceCheck {

  private DivergenceCheck() {}

  /** What the check found. */
  public sealed interface Verdict {
    /** All of the member's WAL lies on the upstream's branch: it may attach. */
    record OnBranch() implements Verdict {}

    /**
     * The member's WAL left the upstream's history at {@code fork}.
     *
     * @param lostTo epoch of the branch that took over there: its report tells of the loss
     */
    record Diverged(Lsn fork, Epoch lostTo, String why) implements Verdict {}
  }

  /**
   * Checks {@code end} against the history of {@code upstream}.
   *
   * @param notes the member's own promotions: one that is not the store's branch of that timeline
   *     means that the member diverged there, whatever its history files say
   */
  public static Verdict check(
      EndOfWal end,
      Branch upstream,
      SortedMap<TimelineId, Branch> branches,
      List<PromotionNote> notes) {
    Optional<PromotionNote> disowned =
        notes.stream()
            .filter(note -> note.to().equals(end.timeline()))
            .filter(note -> !isStored(note, branches))
            .findFirst();
    if (disowned.isPresent()) {
      return beforePromotion(disowned.get(), upstream, branches, notes);
    }
    return switch (Lineage.of(branches, upstream).relation(end, branches)) {
      case Lineage.Relation.Within() -> new Verdict.OnBranch();
      case Lineage.Relation.Departed(Lsn fork, Epoch lostTo) ->
          new Verdict.Diverged(
              fork, lostTo, "its WAL ends at " + end + ", history went on from " + fork);
      case Lineage.Relation.Unrelated() ->
          new Verdict.Diverged(
              Lsn.INVALID,
              upstream.epoch(),
              "its WAL ends at " + end + ", which no known branch leads to");
    };
  }

  /** Not even what it promoted from need have become history. */
  private static Verdict beforePromotion(
      PromotionNote note,
      Branch upstream,
      SortedMap<TimelineId, Branch> branches,
      List<PromotionNote> notes) {
    String why =
        "its own promotion to timeline " + note.to() + " never became the cluster's history";
    List<PromotionNote> earlier =
        notes.stream().filter(other -> note.epoch().isAfter(other.epoch())).toList();
    return switch (check(note.from(), upstream, branches, earlier)) {
      case Verdict.OnBranch() -> new Verdict.Diverged(note.from().lsn(), upstream.epoch(), why);
      case Verdict.Diverged(Lsn fork, Epoch lostTo, String _) ->
          new Verdict.Diverged(fork, lostTo, why);
    };
  }

  private static boolean isStored(PromotionNote note, SortedMap<TimelineId, Branch> branches) {
    Branch stored = branches.get(note.to());
    return stored != null && stored.epoch().equals(note.epoch());
  }
}
