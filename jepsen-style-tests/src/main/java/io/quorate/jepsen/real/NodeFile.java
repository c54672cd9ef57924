package io.quorate.jepsen.real;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A node's YAML file. */
final class NodeFile {

  private NodeFile() {}

  /** Directory of PostgreSQL's programs. */
  static String programs() {
    return System.getProperty("quorate.pg.bin", "/usr/lib/postgresql/15/bin");
  }

  static String text(RealNode node, List<RealNode> all, String dynamicSettings, String security) {
    String members =
        all.stream()
            .map(m ->
                "    - {name: %s, address: %s:%d, member_address: %s:%d}"
                    .formatted(
                        m.name(), m.peerAddress(), m.raftPort(), m.peerAddress(), m.memberPort()))
            .collect(Collectors.joining("\n"));
    return """
    scope: real
    name: %s
    state_dir: %s
    %s
    restapi:
      listen: %s:%d
    grpc:
      listen: %s:%d
    raft:
      listen: %s:%d
      data_dir: %s
      members:
    %s
    bootstrap:
      dcs:
    %s
    """
            .formatted(
                node.name(),
                node.directory().resolve("state"),
                security,
                node.address(),
                node.restPort(),
                node.address(),
                node.grpcPort(),
                node.peerAddress(),
                node.raftPort(),
                node.directory().resolve("raft"),
                members,
                dynamicSettings)
        + (node.isWitness() ? "witness: true\n" : postgres(node));
  }

  private static String postgres(RealNode node) {
    return """
      initdb:
        - encoding: UTF8
        - no-sync
    postgresql:
      listen: %s:%d
      connect_address: %s:%d
      data_dir: %s
      bin_dir: %s
      use_pg_rewind: true
      remove_data_directory_on_rewind_failure: true
      authentication:
        superuser: {username: postgres, password: secret}
        replication: {username: replicator, password: secret}
      pg_hba:
        - local all all trust
        - host all all 127.0.0.1/32 scram-sha-256
        - host all all samenet scram-sha-256
        - host replication all 127.0.0.1/32 scram-sha-256
        - host replication all samenet scram-sha-256
      parameters:
        unix_socket_directories: %s
    """
        .formatted(
            String.join(",", new TreeSet<>(List.of(node.address(), node.peerAddress()))),
            node.postgresPort(),
            node.peerAddress(),
            node.postgresPort(),
            node.dataDirectory(),
            programs(),
            node.directory());
  }
}
