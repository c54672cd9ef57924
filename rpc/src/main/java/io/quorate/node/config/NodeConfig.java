package io.quorate.node.config;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.postgres.PostgresConfig;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import io.quorate.rpc.tls.ClientTls;
import io.quorate.rpc.tls.TlsFiles;
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
 * @param tls how ports are secured
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
    Access access,
    Tls tls) {

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
   * How the ports are secured.
   *
   * @param node this member's certificate; empty: plain text but for {@code rest}
   * @param raft whether it secures the Raft and member ports
   * @param grpc whether it secures the gRPC port
   * @param etcdApi whether it secures the port for etcd's clients
   * @param rest what secures the REST port, if anything
   * @param ctl how the command line asks with this file
   */
  public record Tls(
      Optional<TlsFiles> node,
      boolean raft,
      boolean grpc,
      boolean etcdApi,
      Optional<RestTls> rest,
      ClientTls ctl) {

    /** Plain text everywhere. */
    public static final Tls OFF =
        new Tls(Optional.empty(), false, false, false, Optional.empty(), ClientTls.OFF);
  }

  /**
   * The REST port's certificate.
   *
   * @param own one of its own; empty: this member's
   */
  public record RestTls(Optional<TlsFiles> own, VerifyClient clients) {}

  /** Patroni's {@code restapi.verify_client}. */
  public enum VerifyClient {
    /** Nobody is asked for a certificate. */
    NONE,
    /** Who changes something has to show one. */
    OPTIONAL,
    /** Everybody has to show one. */
    REQUIRED
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
