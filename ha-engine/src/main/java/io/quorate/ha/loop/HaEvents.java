package io.quorate.ha.loop;

import io.quorate.ha.decide.Decision;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.time.BootTime;

/** Receives what happens, for the log and the journal. Called on the loop; must not block. */
public interface HaEvents {

  /** The decision changed. */
  void decided(BootTime at, String situation, Decision.Code code, String reason);

  /** An action ended. */
  void acted(BootTime at, String action, boolean success, String detail);

  /** The hold began, was resumed, or ended. */
  void hold(BootTime at, Epoch epoch, String what);

  /** A failover report was written or completed. */
  void report(FailoverReport report);

  /** Something is wrong that no decision can mend by itself. */
  void trouble(BootTime at, String what);
}
