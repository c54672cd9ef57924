package io.quorate.jepsen.real;

import java.util.List;
import java.util.stream.Collectors;

/** A node's YAML file. */
final class NodeFile {

  private NodeFile() {}

  static String text(RealNode node, List<RealNode> all, String dynamicSettings) {
    String members =
        all.stream()
            .map(m ->
                "    - {name: %s, address: 127.0.0.1:%d, member_address: 127.0.0.1:%d}"
                    .formatted(m.name(), m.raftPort(), m.memberPort()))
            .collect(Collectors.joining("\n"));
    return """
    scope: real
    name: %s
    state_dir: %s
    restapi:
      listen: 127.0.0.1:%d
    grpc:
      listen: 127.0.0.1:%d
    raft:
      listen: 127.0.0.1:%d
      data_dir: %s
      members:
    %s
    bootstrap:
      dcs:
    %s
      initdb:
        - encoding: UTF8
        - no-sync
    postgresql:
      listen: 127.0.0.1:%d
      connect_address: 127.0.0.1:%d
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
        - host replication all 127.0.0.1/32 scram-sha-256
      parameters:
        unix_socket_directories: %s
    """
        .formatted(
            node.name(),
            node.directory().resolve("state"),
            node.restPort(),
            node.grpcPort(),
            node.raftPort(),
            node.directory().resolve("raft"),
            members,
            dynamicSettings,
            node.postgresPort(),
            node.postgresPort(),
            node.dataDirectory(),
            System.getProperty("quorate.pg.bin", "/usr/lib/postgresql/15/bin"),
            node.directory());
  }
}
