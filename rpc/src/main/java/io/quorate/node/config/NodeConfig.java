package io.quorate.node.config;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.postgres.PostgresConfig;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One member's configuration, complete and checked.
 *
 * @param namespace as given; slashes around it do not matter
 * @param stateDir what the agent must keep outside PGDATA
 * @param postgres its PostgreSQL; empty: this member is a witness
 * @param etcdApi where etcd's clients are served, if they are
 * @param settings {@code bootstrap.dcs}, interpreted
 * @param settingsTree {@code bootstrap.dcs} as it stands: what becomes the {@code config} key
 * @param logLevel of the program's own log lines
 */
public record NodeConfig(
    String scope,
    String namespace,
    MemberName name,
    Path stateDir,
    Listener restApi,
    Listener grpc,
    Optional<Listener> etcdApi,
    Raft raft,
    Optional<PostgresConfig> postgres,
    ClusterSettings settings,
    Map<String, @Nullable Object> settingsTree,
    MemberTags tags,
    LogLevel logLevel,
    Access access) {

  /** Copies the map. */
  public NodeConfig {
    settingsTree = Collections.unmodifiableMap(new LinkedHashMap<>(settingsTree));
  }

  /**
   * Who may change something.
   *
   * @param login what must be shown for it, if anything
   * @param ctl as whom this file's command line asks
   * @param allowlist where changes may be asked for from; empty: anywhere
   */
  public record Access(Optional<Login> login, Optional<Login> ctl, List<AddressRange> allowlist) {
    /** Copies the list. */
    public Access {
      allowlist = List.copyOf(allowlist);
    }

    /** The same as a judgement. */
    public AccessGuard guard() {
      return new AccessGuard(login, allowlist);
    }
  }

  /**
   * A port of this agent.
   *
   * @param listen where it listens
   * @param connect under which address others reach it
   */
  public record Listener(HostPort listen, HostPort connect) {}

  /**
   * The store.
   *
   * @param listen where Ratis listens
   * @param memberListen where the member service listens
   * @param dataDir the store's own directory
   * @param members all members, the first being the one that may create the store
   */
  public record Raft(
      HostPort listen, HostPort memberListen, Path dataDir, List<RaftMember> members) {
    /** Copies the list. */
    public Raft {
      members = List.copyOf(members);
    }

    /** The entry of {@code name}, if listed. */
    public Optional<RaftMember> member(MemberName name) {
      return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }
  }

  /**
   * A member of the store.
   *
   * @param address its Raft port
   * @param memberAddress its member service
   * @param grpcAddress its gRPC port: only for the command line, to ask another member than the
   *     local one
   * @param etcdAddress its etcd API, as etcd's clients are told, where it is known to have one
   */
  public record RaftMember(
      MemberName name,
      HostPort address,
      HostPort memberAddress,
      HostPort grpcAddress,
      Optional<HostPort> etcdAddress) {}

  /** Patroni's levels, without their synonyms. */
  public enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }
}
