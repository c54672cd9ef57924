package io.quorate.ha.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What an operator asks of the cluster. */
public sealed interface Wish {

  /**
   * Where the wish is kept, e.g. {@code primary} or {@code restart/db2}: at most one unfinished
   * wish in a slot.
   */
  String slot();

  /** When it is to be acted on; empty: at once. */
  Optional<Instant> scheduledAt();

  /** The slot of {@link Switchover} and {@link Failover}: one at a time in a cluster. */
  String PRIMARY_SLOT = "primary";

  /**
   * The primary hands over in good order, without loss.
   *
   * @param leader refuse unless this is the primary
   * @param candidate who is to be primary; empty: the best
   */
  record Switchover(
      Optional<MemberName> leader, Optional<MemberName> candidate, Optional<Instant> scheduledAt)
      implements Wish {
    @Override
    public String slot() {
      return PRIMARY_SLOT;
    }
  }

  /**
   * That member becomes primary, whether there is one now or not.
   *
   * @param acceptDataLoss also where commits may be missing there
   */
  record Failover(MemberName candidate, boolean acceptDataLoss) implements Wish {
    @Override
    public String slot() {
      return PRIMARY_SLOT;
    }

    @Override
    public Optional<Instant> scheduledAt() {
      return Optional.empty();
    }
  }

  /**
   * PostgreSQL on that member is stopped and started again. A primary keeps its lease.
   *
   * @param only conditions looked at when it is acted on
   * @param timeout bound on stop and start, each; empty: the settings'
   */
  record Restart(
      MemberName member, Optional<Instant> scheduledAt, Only only, Optional<Duration> timeout)
      implements Wish {
    @Override
    public String slot() {
      return "restart/" + member;
    }
  }

  /**
   * Conditions of a restart, all of which must hold.
   *
   * @param role only in this role
   * @param versionBelow only where PostgreSQL runs a lower version, as {@code server_version_num}
   * @param pending only where a setting waits for a restart
   */
  record Only(Optional<PatroniRole> role, Optional<Integer> versionBelow, boolean pending) {
    /** No condition. */
    public static final Only ALWAYS = new Only(Optional.empty(), Optional.empty(), false);
  }

  /** PostgreSQL on that member reads its configuration files, written anew, again. */
  record Reload(MemberName member) implements Wish {
    @Override
    public String slot() {
      return "reload/" + member;
    }

    @Override
    public Optional<Instant> scheduledAt() {
      return Optional.empty();
    }
  }

  /** The data directory of that standby is put aside and copied anew from the primary. */
  record Reinit(MemberName member) implements Wish {
    @Override
    public String slot() {
      return "reinit/" + member;
    }

    @Override
    public Optional<Instant> scheduledAt() {
      return Optional.empty();
    }
  }
}
