package io.quorate.jepsen.invariant;

import java.util.List;
import java.util.Set;

/** The whole cluster as an observer sees it who is everywhere at once. */
public interface ClusterFacts {

  /** True time, nanoseconds since the run began. */
  long nowNanos();

  /** Every host, by name. */
  List<? extends HostFacts> hosts();

  /** Each time that WAL of two histories came together, or could without PostgreSQL noticing. */
  List<String> mixedHistories();

  /** Each promotion that was begun without a right to it. */
  List<String> latePromotions();

  /** Every commit that a client was told of, in the order of the telling. */
  List<AckedCommit> acknowledged();

  /** Numbers of the commits in the WAL of {@code host}. */
  Set<Long> commitsOn(String host);
}
