package io.quorate.ha.postgres;

import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.SharedLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Settings of which a standby runs with more than it would be started with by now: what its primary
 * was started with has shrunk meanwhile, as the control file tells. PostgreSQL knows nothing of it.
 * Used by one thread.
 */
final class ShrinkableSettings {

  /** What the answer hangs on; it is worked out anew where that has changed. */
  private record Basis(
      Instant start, Map<String, String> cluster, SortedMap<String, Long> control) {}

  private final Instance instance;
  private @Nullable Basis basis;
  private List<PendingSetting> pending = List.of();

  ShrinkableSettings(Instance instance) {
    this.instance = instance;
  }

  /**
   * Those of the standby that was started at {@code start}; none where the control file can be read
   * by PostgreSQL's program alone, which is too much for each look.
   *
   * @param cluster the whole cluster's parameters as PostgreSQL was given them
   */
  List<PendingSetting> of(Sql standby, Instant start, Map<String, String> cluster) {
    Optional<ControlData> control = ControlData.readDirectly(instance);
    if (control.isEmpty()) {
      return List.of();
    }
    SortedMap<String, Long> needed = new TreeMap<>();
    SharedLimits.NAMES.forEach(name -> needed.put(name, control.get().setting(name)));
    Basis now = new Basis(start, cluster, needed);
    if (!now.equals(basis)) {
      pending = compare(standby, now);
      basis = now;
    }
    return pending;
  }

  private List<PendingSetting> compare(Sql standby, Basis now) {
    Map<String, String> wanted = ParameterRules.controlled(instance.config(), now.cluster());
    List<PendingSetting> shrinking = new ArrayList<>();
    StandbyLimits.running(standby)
        .forEach((name, running) -> {
          long next =
              Math.max(
                  now.control().getOrDefault(name, 0L),
                  Long.parseLong(wanted.getOrDefault(name, "0")));
          if (running > next) {
            shrinking.add(new PendingSetting(name, Long.toString(running), Long.toString(next)));
          }
        });
    return List.copyOf(shrinking);
  }
}
