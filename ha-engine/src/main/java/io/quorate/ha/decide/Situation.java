package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;

/** What kind of moment this is. Each kind has one file that judges it. */
public sealed interface Situation {

  /** Stable name, shown in the status. */
  String name();

  /** Nothing is known yet of PostgreSQL or of the store. */
  record Starting() implements Situation {
    @Override
    public String name() {
      return "starting";
    }
  }

  /** PostgreSQL is, or may be, writable here without a valid hold. */
  record MustFence(String why) implements Situation {
    @Override
    public String name() {
      return "must fence";
    }
  }

  /** A standby's directory is, or was, written to by a primary that the cluster never had. */
  record StrayPrimary(String why) implements Situation {
    @Override
    public String name() {
      return "stray primary";
    }
  }

  /** A hold of an earlier run, or of an acquisition whose answer was lost, may still stand. */
  record HoldToResume() implements Situation {
    @Override
    public String name() {
      return "hold to resume";
    }
  }

  /** A hold is over and PostgreSQL is confirmed not writable: the traces of it are cleared. */
  record HoldToForget() implements Situation {
    @Override
    public String name() {
      return "hold to forget";
    }
  }

  /** An exclusive operation is under way. */
  record Working(Observation.Busy busy) implements Situation {
    @Override
    public String name() {
      return "working";
    }
  }

  /** The agent was asked to stop. */
  record Stopping() implements Situation {
    @Override
    public String name() {
      return "stopping";
    }
  }

  /** The last failure asks for some patience. */
  record BackingOff(OperationFailure failure) implements Situation {
    @Override
    public String name() {
      return "backing off";
    }
  }

  /** The data directory is not one to work with. */
  record WrongDirectory(String why) implements Situation {
    @Override
    public String name() {
      return "wrong directory";
    }
  }

  /** No cluster was made yet. */
  record Uninitialized(ClusterView view) implements Situation {
    @Override
    public String name() {
      return "uninitialized";
    }
  }

  /** This member holds the key. */
  record HoldingLease(Hold.Held hold, ClusterView view) implements Situation {
    @Override
    public String name() {
      return "holding lease";
    }
  }

  /** Nobody holds the key. */
  record NoPrimary(ClusterView view, EpochRecord ended) implements Situation {
    @Override
    public String name() {
      return "no primary";
    }
  }

  /** In pause PostgreSQL is writable here and this member holds nothing. */
  record PausedPrimary(ClusterView view) implements Situation {
    @Override
    public String name() {
      return "paused primary";
    }
  }

  /** This member has no PostgreSQL. */
  record Witness(ClusterView view) implements Situation {
    @Override
    public String name() {
      return "witness";
    }
  }

  /** Another member holds the key. */
  record FollowingPrimary(ClusterView view, ClusterView.Leader leader) implements Situation {
    @Override
    public String name() {
      return "following primary";
    }
  }
}
