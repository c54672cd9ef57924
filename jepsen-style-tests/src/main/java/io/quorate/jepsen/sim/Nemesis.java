package io.quorate.jepsen.sim;

import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.postgres.SimServer;
import io.quorate.jepsen.sim.store.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Does harm, by lot, and undoes it after a while. Each run knows only some kinds of harm. */
final class Nemesis {

  /** Kinds of harm. */
  enum Fault {
    KILL_POSTGRES,
    KILL_AGENT,
    CRASH_HOST,
    PAUSE_AGENT,
    PAUSE_HOST,
    HANG_POSTGRES,
    ISOLATE,
    SPLIT,
    ONE_WAY,
    STORE_LEADER,
    END_WATCHES,
    CLOCKS,
    SLOW,
    FAILING,
    STOP_MEMBER,
    STOP_CLUSTER,
    POWER_CUT,
    BY_HAND
  }

  private final SimCluster cluster;
  private final SimKernel kernel;
  private final SplittableRandom random;
  private final List<SimHost> hosts;
  private final List<Fault> faults = new ArrayList<>();
  private final int meanMillis;
  private boolean over;
  private @Nullable SimHost takenByHand;

  Nemesis(SimCluster cluster, SplittableRandom random) {
    this.cluster = cluster;
    this.kernel = cluster.kernel();
    this.random = random;
    this.hosts = List.copyOf(cluster.byName().values());
    for (Fault fault : EnumSet.allOf(Fault.class)) {
      if (random.nextInt(100) < share(fault)) {
        faults.add(fault);
      }
    }
    if (faults.isEmpty()) {
      faults.add(Fault.CRASH_HOST);
    }
    this.meanMillis = random.nextInt(800, 8000);
  }

  /** In how many of a hundred runs it happens. */
  private static int share(Fault fault) {
    return switch (fault) {
      case STOP_CLUSTER, POWER_CUT, BY_HAND -> 15;
      case SLOW, FAILING -> 30;
      default -> 45;
    };
  }

  void start() {
    kernel.note("nemesis", "knows " + faults);
    next();
  }

  private void next() {
    int wait = random.nextInt(1, 2 * meanMillis);
    kernel.schedule(
        cluster.world(),
        wait * 1_000_000L,
        () -> {
          if (!over) {
            harm(faults.get(random.nextInt(faults.size())));
            next();
          }
        });
  }

  /** Any host, that of the primary as often as not. */
  private SimHost pick() {
    List<SimHost> primaries = hosts.stream().filter(SimHost::writable).toList();
    List<SimHost> among = primaries.isEmpty() || random.nextBoolean() ? hosts : primaries;
    return among.get(random.nextInt(among.size()));
  }

  private void later(int leastMillis, int mostMillis, Runnable undo) {
    long wait = random.nextInt(leastMillis, mostMillis) * 1_000_000L;
    kernel.schedule(
        cluster.world(),
        wait,
        () -> {
          if (!over) {
            undo.run();
          }
        });
  }

  private void harm(Fault fault) {
    SimHost host = pick();
    kernel.note("nemesis", fault + " " + host.name);
    switch (fault) {
      case KILL_POSTGRES -> host.server.kill("kill -9");
      case KILL_AGENT -> {
        host.crashAgent();
        later(50, 6000, () -> cluster.startAgent(host));
      }
      case CRASH_HOST -> {
        host.crashWhole();
        later(500, 12_000, () -> boot(host));
      }
      case PAUSE_AGENT -> {
        host.agent.pause();
        later(100, 9000, host.agent::resume);
      }
      case PAUSE_HOST -> {
        host.standStill(true);
        later(100, 9000, () -> host.standStill(false));
      }
      case HANG_POSTGRES -> {
        host.postgres.pause();
        later(200, 14_000, host.postgres::resume);
      }
      case ISOLATE, SPLIT, ONE_WAY -> {
        part(fault, host);
        later(
            200,
            10_000,
            () -> {
              kernel.note("nemesis", "the network is healed");
              cluster.network().heal();
            });
      }
      case STORE_LEADER ->
          cluster
              .group()
              .leaders()
              .forEach(leader -> cluster.group().running(leader).ifPresent(this::handOver));
      case END_WATCHES -> cluster.group().running(host.name).ifPresent(Replica::endWatches);
      case CLOCKS -> {
        hosts.forEach(each -> each.clock.rate(1 + 0.0099 * (2 * random.nextDouble() - 1)));
        host.clock.jump(Duration.ofSeconds(random.nextInt(-4000, 4000)));
      }
      case SLOW -> {
        host.pace.factor(random.nextInt(2, 12));
        host.server.lagFactor(random.nextInt(1, 200));
        later(500, 12_000, () -> usualPace(host));
      }
      case FAILING -> {
        host.pace.failures(random.nextInt(2, 20));
        later(500, 12_000, () -> usualPace(host));
      }
      case STOP_MEMBER -> {
        SimAgent agent = host.running;
        if (agent != null) {
          var _ = agent.engine().stop();
          later(1000, 8000, () -> startWhenEnded(host));
        }
      }
      case STOP_CLUSTER -> {
        SimAgent agent = host.running;
        if (agent != null) {
          var _ = agent.engine().stopCluster();
          hosts.forEach(each -> later(3000, 15_000, () -> startWhenEnded(each)));
        }
      }
      case BY_HAND -> byHand(host);
      case POWER_CUT ->
          hosts.forEach(each -> {
            each.crashWhole();
            later(500, 9000, () -> boot(each));
          });
    }
  }

  /**
   * Its agent is gone, and something else makes its PostgreSQL a primary: of one host in a run, for
   * of what is nobody's but theirs no cluster can be made again.
   */
  private void byHand(SimHost host) {
    host.crashAgent();
    later(50, 9000, () -> cluster.startAgent(host));
    if (takenByHand != null && takenByHand != host) {
      return;
    }
    takenByHand = host;
    later(
        10,
        400,
        () -> {
          // Without the mark of a standby it is not promised to be found out.
          if (host.powered
              && host.running == null
              && host.durable.standby()
              && host.server.mayBeTakenByHand()) {
            take(host);
          }
        });
  }

  private void take(SimHost host) {
    kernel.note("nemesis", host.name + " is made a primary by hand");
    host.stoppedAt(Optional.empty());
    if (host.server.state() == SimServer.State.STANDBY && random.nextBoolean()) {
      host.server.promoteByHand();
    } else {
      host.server.kill("stopped by hand");
      host.server.startByHand();
    }
    for (int i = 0; i < 8; i++) {
      later(60, 900, host.server::writeByHand);
    }
    if (random.nextInt(3) == 0) {
      later(100, 2000, host.server::endByHand);
    }
  }

  private void handOver(Replica leader) {
    leader.transfer(hosts.get(random.nextInt(hosts.size())).name);
  }

  private void part(Fault fault, SimHost host) {
    for (SimHost one : hosts) {
      for (SimHost other : hosts) {
        boolean cut =
            switch (fault) {
              case ISOLATE -> one == host ^ other == host;
              case ONE_WAY -> one == host && other != host && random.nextBoolean();
              default -> side(one, host) != side(other, host);
            };
        if (cut) {
          cluster.network().block(one.name, other.name);
        }
      }
    }
  }

  /** Two sides, by the places in the alphabet. */
  private boolean side(SimHost host, SimHost first) {
    int place = Math.floorMod(hosts.indexOf(host) - hosts.indexOf(first), hosts.size());
    return place < hosts.size() / 2;
  }

  private void startWhenEnded(SimHost host) {
    if (host.running == null) {
      cluster.startAgent(host);
    } else {
      later(200, 600, () -> startWhenEnded(host));
    }
  }

  private void boot(SimHost host) {
    if (!host.powered) {
      host.boot();
      cluster.startAgent(host);
    }
  }

  private static void usualPace(SimHost host) {
    host.pace.factor(1);
    host.pace.failures(0);
    host.server.lagFactor(1);
  }

  /** Undoes everything, and does no more. */
  void heal() {
    over = true;
    kernel.note("nemesis", "everything is healed");
    cluster.network().heal();
    for (SimHost host : hosts) {
      host.standStill(false);
      host.agent.resume();
      host.postgres.resume();
      usualPace(host);
      boot(host);
    }
    restartEnded();
  }

  /** An agent that ended, or ends yet, comes back. */
  private void restartEnded() {
    hosts.forEach(cluster::startAgent);
    kernel.schedule(cluster.world(), 500_000_000L, this::restartEnded);
  }
}
