package io.quorate.node.config;

import io.quorate.ha.model.HaTimings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What only several settings together can get wrong, and what their values mean in use. */
final class CrossChecks {

  private CrossChecks() {}

  static void check(NodeConfig config, Section root, Validation validation) {
    ports(config, root);
    reach(config, root);
    directories(config, root);
    timings(config, root, validation);
    if (config.raft().members().size() % 2 == 0) {
      validation.notice(
          "raft.members: "
              + config.raft().members().size()
              + " members survive the loss of no more than "
              + (config.raft().members().size() - 1) / 2
              + ": an odd number survives as many with one member less");
    }
  }

  /** Two listeners of this agent, or its PostgreSQL, on one port. */
  private static void ports(NodeConfig config, Section root) {
    Map<String, HostPort> listeners = new LinkedHashMap<>();
    listeners.put("restapi", config.restApi().listen());
    listeners.put("grpc", config.grpc().listen());
    config.etcdApi().ifPresent(etcd -> listeners.put("etcd_api", etcd.listen()));
    listeners.put("raft", config.raft().listen());
    listeners.put("raft.member_listen", config.raft().memberListen());
    config
        .postgres()
        .ifPresent(postgres -> {
          for (String address : postgres.listenAddresses().split(",", -1)) {
            listeners.put("postgresql.listen", new HostPort(address, postgres.port()));
          }
        });
    Map<String, HostPort> seen = new LinkedHashMap<>();
    listeners.forEach((name, at) -> {
      seen.forEach((other, taken) -> {
        if (taken.overlaps(at)) {
          String[] path = name.split("\\.", 2);
          root.section(path[0])
              .error(
                  path.length == 2 ? path[1] : "listen",
                  at + " is taken by " + other + " (" + taken + ") already: give it another port");
        }
      });
      seen.put(name, at);
    });
  }

  /** A published loopback address that members on other hosts would take for their own. */
  private static void reach(NodeConfig config, Section root) {
    boolean several =
        config.raft().members().stream().anyMatch(member -> !member.address().isLoopback());
    if (!several) {
      return;
    }
    Map<String, HostPort> published = new LinkedHashMap<>();
    published.put("restapi", config.restApi().connect());
    published.put("grpc", config.grpc().connect());
    config.etcdApi().ifPresent(etcd -> published.put("etcd_api", etcd.connect()));
    config
        .postgres()
        .ifPresent(postgres ->
            published.put(
                "postgresql", new HostPort(postgres.connectHost(), postgres.connectPort())));
    published.forEach((name, address) -> {
      if (address.isLoopback() && !name.equals("grpc")) {
        root.section(name)
            .error(
                "connect_address",
                address
                    + " cannot be reached from the other hosts in raft.members: give this host's"
                    + " address");
      }
    });
  }

  private static void directories(NodeConfig config, Section root) {
    Path store = config.raft().dataDir().normalize();
    if (config.postgres().filter(p -> store.startsWith(p.dataDir().normalize())).isPresent()) {
      root.section("raft")
          .error(
              "data_dir",
              config.raft().dataDir()
                  + " lies in PostgreSQL's data directory and would be lost with it: set another");
    }
  }

  private static void timings(NodeConfig config, Section root, Validation validation) {
    Section dcs = root.section("bootstrap").section("dcs");
    if (!dcs.has("ttl")) {
      for (String key : new String[] {"loop_wait", "retry_timeout"}) {
        if (dcs.has(key)) {
          dcs.ignored(key, "it has a meaning only together with ttl; the profile sets all three");
        }
      }
      return;
    }
    Duration ttl = config.settings().timings().ttl();
    if (dcs.has("profile")) {
      validation.notice(
          "bootstrap.dcs: ttl is given too and sets the lease; profile keeps the store's timeouts");
    }
    HaTimings lan = HaTimings.lan();
    validation.notice(
        "bootstrap.dcs.ttl: "
            + seconds(ttl)
            + " is kept: after the loss of the primary's host, writes stop for up to about "
            + seconds(ttl.plus(lan.electionMax()))
            + "; without ttl, loop_wait and retry_timeout the profile 'lan' needs about "
            + seconds(lan.ttl().plus(lan.pledgeWindow())));
  }

  private static String seconds(Duration duration) {
    long tenths = Math.round(duration.toMillis() / 100.0);
    return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10 + "." + tenths % 10 + " s";
  }
}
