package io.quorate.node;

import io.quorate.cli.ExitStatus;
import io.quorate.node.config.NodeConfig;
import io.quorate.store.raft.HostPort;
import io.quorate.store.raft.MajorityRecovery;
import io.quorate.store.raft.RaftStoreConfig;
import io.quorate.store.raft.StoreRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Recovers the store on this host when a majority of its voters is lost for good. */
final class MajorityLoss {

  private static final int ANSWER_MILLIS = 1_000;

  private final NodeConfig config;
  private final PrintWriter out;
  private final PrintWriter err;

  MajorityLoss(NodeConfig config, PrintWriter out, PrintWriter err) {
    this.config = config;
    this.out = out;
    this.err = err;
  }

  /** Shows what is at stake, asks, and does it; the exit status. */
  int recover(BooleanSupplier confirmed) {
    try {
      Directories directories = Directories.ofThisProcess();
      directories.refuseRoot();
      directories.check(config);
      RaftStoreConfig store = NodeAssembly.storeConfig(config);
      MajorityRecovery recovery = MajorityRecovery.examine(store);
      refuseReachable(store, recovery.found());
      show(store, recovery.found());
      if (!confirmed.getAsBoolean()) {
        out.println("aborted, nothing was changed");
        out.flush();
        return ExitStatus.FAILED;
      }
      UUID renewed = recovery.recover();
      out.printf(
          "%s is the only voter of the store %s now. Start its agent, then add members with empty"
              + " storage by 'quorate member add'.%n",
          store.name(), renewed);
      out.flush();
      return ExitStatus.DONE;
    } catch (StoreRefusedException | StartRefusedException e) {
      return refused(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return refused(
          "raft.data_dir: %s: %s".formatted(config.raft().dataDir(), StartFailures.reason(e)));
    }
  }

  private int refused(String why) {
    err.println("error: " + why);
    err.flush();
    return ExitStatus.REFUSED;
  }

  private void show(RaftStoreConfig store, MajorityRecovery.Found found) {
    out.printf("Store %s as %s has it:%n", found.store(), store.name());
    out.printf("  last entry  %d of term %d%n", found.index(), found.term());
    found.written().ifPresent(at -> out.printf("  written     %s%n", at));
    out.printf("  given up    %s%n", found.others().stream().map(v -> v.name()).toList());
    out.println(
        "What the others had beyond that entry is lost, also if it was acknowledged: changes of"
            + " settings, of who is primary, keys of other clients.");
    out.println(
        "If several members are left, recover on the one with the highest term, then the highest"
            + " entry; never on two: empty the storage of the rest.");
    out.println(
        "Make sure that the hosts given up stay down until their storage is emptied. Should they"
            + " start together where they cannot reach this one, they would be a second cluster.");
    out.flush();
  }

  /** Whoever still answers is not lost. */
  private static void refuseReachable(RaftStoreConfig store, MajorityRecovery.Found found)
      throws StartRefusedException {
    Map<String, HostPort> others = new LinkedHashMap<>();
    store.others().forEach(other -> others.put(other.name(), other.memberAddress()));
    found
        .others()
        .forEach(voter ->
            others.put(
                voter.name(), HostPort.parse(voter.memberAddress(), "address of " + voter.name())));
    others.forEach((name, address) -> {
      if (answers(address)) {
        throw new StartRefusedException(
            ("%s answers at %s: it is not lost. Stop its agent; its storage has to be emptied before"
                    + " it joins again")
                .formatted(name, address));
      }
    });
  }

  private static boolean answers(HostPort address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.host(), address.port()), ANSWER_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
