package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.StandbyName;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.jepsen.sim.kernel.SimKernel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A WAL receiver and the WAL sender at its other end. */
final class Receiver {

  private static final long SEGMENT = 16L * 1024 * 1024;
  private static final long GIVE_UP_NANOS = 5_000_000_000L;

  private final SimKernel kernel;
  private final SimServer standby;
  private final SimServer primary;
  private final long primaryRun;
  private final DataDirectory directory;
  private boolean over;
  private boolean moving;
  private long blockedSince = -1;

  Receiver(SimKernel kernel, SimServer standby, SimServer primary, DataDirectory directory) {
    this.kernel = kernel;
    this.standby = standby;
    this.primary = primary;
    this.primaryRun = primary.process().incarnation();
    this.directory = directory;
  }

  /** Why PostgreSQL itself would not stream; empty where it would. */
  static String objection(Wal mine, Wal theirs) {
    if (!theirs.hasTimeline(mine.timeline())) {
      return "timeline " + mine.timeline() + " is not in the primary's history";
    }
    OptionalLong left = theirs.switchPoint(mine.timeline());
    if (left.isPresent() && mine.endLsn() > left.getAsLong()) {
      return "the primary forked off before the current recovery point";
    }
    return "";
  }

  void begin() {
    standby.received(directory.wal.endLsn() / SEGMENT * SEGMENT);
    primary.senders().add(this);
    pump();
  }

  void end() {
    over = true;
    primary.senders().remove(this);
  }

  String applicationName() {
    return directory.dataId.isPresent()
            && directory.upstream instanceof Upstream.Following following
        ? StandbyName.of(new MemberName(standby.name()), following.epoch(), directory.dataId.get())
        : standby.name();
  }

  SimServer standby() {
    return standby;
  }

  TimelineId timeline() {
    return new TimelineId(directory.wal.timeline());
  }

  /** Whether the standby has all that the primary has, or cannot be reached to get it. */
  boolean settled() {
    return over
        || directory.wal.size() >= primary.wal().size()
        || !standby.linked(primary)
        || !standby.process().running();
  }

  Optional<String> primaryName() {
    return Optional.of(primary.name());
  }

  /** There is more WAL. */
  void moreToSend() {
    pump();
  }

  /** The sender is gone; the receiver notices. */
  void abandoned() {
    kernel.schedule(standby.process(), kernel.millis(1, 40), () -> standby.disconnected(this));
  }

  private void pump() {
    if (over || moving) {
      return;
    }
    if (primary.process().incarnation() != primaryRun) {
      standby.disconnected(this);
      return;
    }
    if (directory.wal.size() >= primary.wal().size()) {
      return;
    }
    if (!standby.linked(primary) || !primary.process().running()) {
      blocked();
      return;
    }
    blockedSince = -1;
    List<WalRecord> records = primary.wal().from(directory.wal.size());
    moving = true;
    kernel.schedule(standby.process(), standby.lagNanos(), () -> arrived(records));
  }

  private void blocked() {
    if (blockedSince < 0) {
      blockedSince = kernel.now();
    }
    if (kernel.now() - blockedSince > GIVE_UP_NANOS) {
      standby.disconnected(this);
      return;
    }
    moving = true;
    kernel.schedule(
        standby.process(),
        kernel.millis(20, 80),
        () -> {
          moving = false;
          pump();
        });
  }

  private void arrived(List<WalRecord> records) {
    moving = false;
    if (over) {
      return;
    }
    records.forEach(directory.wal::append);
    standby.received(directory.wal.endLsn());
    pump();
  }
}
