package io.quorate.jepsen.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What servers have used so far. What a request costs hardly depends on what else the machine does,
 * other than how many of them are done in a second.
 *
 * @param cpuSeconds of each server
 * @param switches of its threads, voluntary ones
 */
record Costs(List<Double> cpuSeconds, List<Long> switches) {

  /** Copies the lists. */
  Costs {
    cpuSeconds = List.copyOf(cpuSeconds);
    switches = List.copyOf(switches);
  }

  static Costs of(List<Long> pids) {
    return new Costs(
        pids.stream().map(ProcFiles::cpuSeconds).toList(),
        pids.stream().map(ProcFiles::switches).toList());
  }

  /** What was used after {@code before} for each of {@code requests}: CPU of all, then switches. */
  Row.Sample.Amounts since(Costs before, long requests) {
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < cpuSeconds.size(); i++) {
      each.add((cpuSeconds.get(i) - before.cpuSeconds.get(i)) * 1000 / requests);
    }
    for (int i = 0; i < switches.size(); i++) {
      each.add((double) (switches.get(i) - before.switches.get(i)) / requests);
    }
    return new Row.Sample.Amounts("CPU ms, then switches a request", each);
  }
}
