package io.quorate.jepsen.sim;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.jepsen.invariant.AckedCommit;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimProcess;
import java.util.ArrayList;
import java.util.List;

/** Clients that write to whatever accepts, a stale primary included, and remember what they got. */
final class Workload {

  private final SimKernel kernel;
  private final SimProcess world;
  private final List<SimHost> hosts;
  private final List<AckedCommit> acknowledged = new ArrayList<>();
  private long last;

  Workload(SimKernel kernel, SimProcess world, List<SimHost> hosts) {
    this.kernel = kernel;
    this.world = world;
    this.hosts = hosts;
  }

  void start() {
    kernel.schedule(world, kernel.millis(5, 80), this::write);
  }

  private void write() {
    for (SimHost host : hosts) {
      if (host.server.writable()) {
        last++;
        long number = last;
        host.server
            .commit(number)
            .ifPresent(record ->
                acknowledged.add(
                    new AckedCommit(
                        number,
                        host.name,
                        new TimelineId(record.timeline()),
                        new Lsn(record.end()),
                        kernel.now())));
      }
    }
    start();
  }

  List<AckedCommit> acknowledged() {
    return acknowledged;
  }
}
