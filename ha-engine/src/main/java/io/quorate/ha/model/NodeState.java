package io.quorate.ha.model;

import java.util.List;
import java.util.Optional;

/**
 * What a member must not forget, kept in a file outside PGDATA, written with fsync of file and
 * directory.
 *
 * @param dataId the directory this member believes to own; empty before the first
 * @param floor the largest ended epoch pledged against, or the epoch followed − 1; only grows
 * @param hold the lease this member took and has not given back, to be renewed by a restarted agent
 * @param promotions notes of this member's own promotions, oldest first, bounded
 * @param paused this member acts as in pause: its PostgreSQL is left alone and unguarded
 * @param unfinished an operation on the data directory that was begun and not finished
 * @param standby PostgreSQL has run as a standby in this directory since this member last took the
 *     key: nothing but another acquisition may make it writable; never true while it holds the key
 */
public record NodeState(
    Optional<DataId> dataId,
    Epoch floor,
    Optional<HoldNote> hold,
    List<PromotionNote> promotions,
    Optional<Unfinished> unfinished,
    boolean paused,
    boolean standby) {

  /** Nothing known yet. */
  public static final NodeState EMPTY =
      new NodeState(Optional.empty(), Epoch.NONE, Optional.empty(), List.of(), Optional.empty());

  /** The lease under the {@code leader} key, by which a restarted agent renews the same hold. */
  public record HoldNote(Epoch epoch, long leaseId) {}

  /** What leaves a directory unusable, or nameless, until it is finished or replaced. */
  public enum Unfinished {
    INITDB,
    ADOPT,
    CLONE,
    REWIND,
    /** A standby's directory was written to by a primary that was never one of the cluster. */
    STRAY;

    /** Whether the directory is another one than before. */
    boolean isNewDirectory() {
      return switch (this) {
        case INITDB, ADOPT, CLONE -> true;
        case REWIND, STRAY -> false;
      };
    }
  }

  /** Copies the list. */
  public NodeState {
    promotions = List.copyOf(promotions);
    standby = standby && hold.isEmpty() && unfinished.filter(Unfinished::isNewDirectory).isEmpty();
  }

  /** Not in pause, nothing known of a standby. */
  public NodeState(
      Optional<DataId> dataId,
      Epoch floor,
      Optional<HoldNote> hold,
      List<PromotionNote> promotions,
      Optional<Unfinished> unfinished) {
    this(dataId, floor, hold, promotions, unfinished, false, false);
  }

  /** The same in pause, or out of it. */
  public NodeState withPaused(boolean other) {
    return new NodeState(dataId, floor, hold, promotions, unfinished, other, standby);
  }

  /** The same with another data id. */
  public NodeState withDataId(Optional<DataId> other) {
    return new NodeState(other, floor, hold, promotions, unfinished, paused, standby);
  }

  /** The same with the floor raised to {@code epoch}, never lowered. */
  public NodeState withFloorAtLeast(Epoch epoch) {
    return epoch.isAfter(floor)
        ? new NodeState(dataId, epoch, hold, promotions, unfinished, paused, standby)
        : this;
  }

  /** The same with another hold. */
  public NodeState withHold(Optional<HoldNote> other) {
    return new NodeState(dataId, floor, other, promotions, unfinished, paused, standby);
  }

  /** The same with one more promotion; the oldest of more than 64 is forgotten. */
  public NodeState withPromotion(PromotionNote note) {
    java.util.ArrayList<PromotionNote> all = new java.util.ArrayList<>(promotions);
    all.add(note);
    List<PromotionNote> kept = all.size() > 64 ? all.subList(all.size() - 64, all.size()) : all;
    return new NodeState(dataId, floor, hold, kept, unfinished, paused, standby);
  }

  /**
   * The same with what {@code wanted} changes of {@code seen}: what was saved between the two is
   * kept. A hold is replaced only where it is the one that was seen.
   */
  public NodeState withChanges(NodeState seen, NodeState wanted) {
    NodeState result =
        new NodeState(
                seen.dataId.equals(wanted.dataId) ? dataId : wanted.dataId,
                floor,
                hold.equals(seen.hold) ? wanted.hold : hold,
                promotions,
                seen.unfinished.equals(wanted.unfinished) ? unfinished : wanted.unfinished,
                seen.paused == wanted.paused ? paused : wanted.paused,
                seen.standby == wanted.standby ? standby : wanted.standby)
            .withFloorAtLeast(wanted.floor);
    for (PromotionNote note : wanted.promotions) {
      if (!seen.promotions.contains(note)) {
        result = result.withPromotion(note);
      }
    }
    return result;
  }

  /** The same, and that PostgreSQL is a standby here. */
  public NodeState asStandby() {
    return new NodeState(dataId, floor, hold, promotions, unfinished, paused, true);
  }

  /** The same with the marker of an operation begun, or removed. */
  public NodeState withUnfinished(Optional<Unfinished> other) {
    return new NodeState(dataId, floor, hold, promotions, other, paused, standby);
  }
}
