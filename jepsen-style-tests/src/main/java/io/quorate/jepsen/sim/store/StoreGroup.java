package io.quorate.jepsen.sim.store;

import io.quorate.invariant.Invariant;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimNetwork;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.store.lease.VoterSet;
import io.quorate.store.machine.StoreRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The voters, those that run and those that do not. */
public final class StoreGroup {

  /** A voter: its disk, and its replica while its agent runs. */
  private static final class Voter {
    final SimProcess process;
    final RaftDisk disk = new RaftDisk();
    @Nullable Replica replica;

    Voter(SimProcess process) {
      this.process = process;
    }
  }

  final SimKernel kernel;
  final SimNetwork network;
  final RaftTimings timings;
  final StoreRules rules;
  private final Map<String, Voter> voters = new TreeMap<>();
  private final List<LogEntry> committed = new ArrayList<>();

  /** A group whose voters are the agents given, by host. */
  public StoreGroup(
      SimKernel kernel,
      SimNetwork network,
      RaftTimings timings,
      StoreRules rules,
      Map<String, SimProcess> agents) {
    this.kernel = kernel;
    this.network = network;
    this.timings = timings;
    this.rules = rules;
    agents.forEach((host, process) -> voters.put(host, new Voter(process)));
  }

  List<String> names() {
    return List.copyOf(voters.keySet());
  }

  List<String> others(String name) {
    return voters.keySet().stream().filter(other -> !other.equals(name)).toList();
  }

  VoterSet voterSet() {
    return new VoterSet(names(), List.of());
  }

  boolean isMajority(int count) {
    return 2 * count > voters.size();
  }

  RaftDisk disk(String name) {
    return voter(name).disk;
  }

  SimNetwork.Endpoint endpoint(String name) {
    return new SimNetwork.Endpoint(name, voter(name).process);
  }

  /** The replica that runs on {@code name}; only to be called within a delivery to it. */
  Replica replica(String name) {
    return Invariant.present(voter(name).replica, "no replica runs on %s", name);
  }

  void started(String name, Replica replica) {
    voter(name).replica = replica;
  }

  /** The agent of {@code name} is gone. */
  public void stopped(String name) {
    voter(name).replica = null;
  }

  /** Whoever believes to lead and is ready; several while one has not learnt of its end. */
  public List<String> leaders() {
    return voters.entrySet().stream()
        .filter(e -> running(e.getKey()).filter(Replica::leadsReady).isPresent())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The running replica of {@code name}. */
  public Optional<Replica> running(String name) {
    return Optional.ofNullable(voter(name).replica);
  }

  /** Checks the model itself: every voter applies the same entries. */
  void applied(long index, LogEntry entry) {
    if (index > committed.size()) {
      Invariant.check(
          index == committed.size() + 1, "entry %s applied before its forerunner", index);
      committed.add(entry);
    } else {
      Invariant.check(
          committed.get((int) index - 1) == entry, "two entries were applied at index %s", index);
    }
  }

  private Voter voter(String name) {
    return Invariant.present(voters.get(name), "%s is no voter", name);
  }
}
