package io.quorate.node;

import io.quorate.node.config.NodeConfig;
import io.quorate.rpc.rest.RestTls;
import io.quorate.rpc.tls.ClientSide;
import io.quorate.rpc.tls.Listening;
import io.quorate.rpc.tls.MemberIdentity;
import io.quorate.rpc.tls.SecuredPort;
import io.quorate.rpc.tls.ServerSide;
import io.quorate.rpc.tls.TlsException;
import io.quorate.rpc.tls.TlsMaterial;
import io.quorate.store.raft.RaftTls;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;

/** The certificates of this agent's ports, looked at again and again for newer files. */
final class Certificates {

  /** Whoever renews certificates need not tell the agent; SIGHUP makes it look at once. */
  private static final Duration LOOK = Duration.ofSeconds(30);

  private final NodeConfig config;
  private final Optional<TlsMaterial> node;
  private final Optional<TlsMaterial> rest;
  private final TaskScheduler scheduler;

  private Certificates(
      NodeConfig config,
      Optional<TlsMaterial> node,
      Optional<TlsMaterial> rest,
      TaskScheduler scheduler) {
    this.config = config;
    this.node = node;
    this.rest = rest;
    this.scheduler = scheduler;
  }

  /**
   * Reads what the configuration names.
   *
   * @throws StartRefusedException naming setting, file and remedy
   */
  static Certificates of(NodeConfig config, InstantSource clock, TaskScheduler scheduler) {
    MemberIdentity self = new MemberIdentity(config.scope(), config.name().value());
    try {
      Optional<TlsMaterial> node = Optional.empty();
      if (config.tls().node().isPresent()) {
        node = Optional.of(TlsMaterial.load(config.tls().node().get(), Optional.of(self), clock));
      }
      Optional<TlsMaterial> rest = Optional.empty();
      if (config.tls().rest().isPresent()) {
        rest =
            config.tls().rest().get().own().isPresent()
                ? Optional.of(
                    TlsMaterial.load(
                        config.tls().rest().get().own().get(), Optional.empty(), clock))
                : node;
      }
      Certificates certificates = new Certificates(config, node, rest, scheduler);
      if (node.isPresent() || rest.isPresent()) {
        certificates.lookLater();
      }
      return certificates;
    } catch (TlsException e) {
      throw new StartRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void lookLater() {
    var _ =
        scheduler.schedule(
            LOOK,
            () ->
                Thread.ofVirtual()
                    .name("certificates")
                    .start(() -> {
                      boolean _ = refresh();
                      lookLater();
                    }));
  }

  /** Takes newer files, if there are any; returns whether something changed. Reads files. */
  boolean refresh() {
    return Stream.concat(node.stream(), rest.stream())
        .distinct()
        .map(TlsMaterial::refresh)
        .reduce(false, Boolean::logicalOr);
  }

  /** For the Raft port, on both ends. */
  Optional<RaftTls> raft() {
    return node.filter(_ -> config.tls().raft())
        .map(material ->
            new RaftTls(
                material.keyManager(),
                members(material),
                peer -> MemberIdentity.nameIn(peer, config.scope()),
                material::refused));
  }

  ServerSide memberServer() {
    Optional<TlsMaterial> used = node.filter(_ -> config.tls().raft());
    return server("raft", used, used.map(this::members));
  }

  ClientSide memberClient() {
    Optional<TlsMaterial> used = node.filter(_ -> config.tls().raft());
    return Listening.client(used, used.map(this::members));
  }

  ServerSide grpc() {
    Optional<TlsMaterial> used = node.filter(_ -> config.tls().grpc());
    return server("grpc", used, used.map(TlsMaterial::clients));
  }

  Optional<SecuredPort> etcdApi() {
    return node.filter(_ -> config.tls().etcdApi()).map(Certificates::shared);
  }

  Optional<RestTls> rest() {
    return config
        .tls()
        .rest()
        .flatMap(settings ->
            rest.map(material ->
                new RestTls(
                    http(material, settings.clients()),
                    settings.clients() == NodeConfig.VerifyClient.OPTIONAL)));
  }

  /** Members that are configured are expected where they are said to be; others may join. */
  private X509ExtendedTrustManager members(TlsMaterial material) {
    return material.members(
        config.scope(),
        (host, port) ->
            config.raft().members().stream()
                .filter(member ->
                    Stream.of(member.address(), member.memberAddress())
                        .anyMatch(at -> at.port() == port && at.host().equals(host)))
                .map(member -> member.name().value())
                .findFirst());
  }

  private static ServerSide server(
      String section, Optional<TlsMaterial> tls, Optional<X509ExtendedTrustManager> trust) {
    try {
      return Listening.server(tls, trust);
    } catch (TlsException e) {
      throw new StartRefusedException(section + ": " + e.getMessage(), e);
    }
  }

  private static SecuredPort shared(TlsMaterial material) {
    try {
      return Listening.shared(material);
    } catch (TlsException e) {
      throw new StartRefusedException("etcd_api: " + e.getMessage(), e);
    }
  }

  private static SecuredPort http(TlsMaterial material, NodeConfig.VerifyClient clients) {
    try {
      return Listening.http(
          material,
          clients != NodeConfig.VerifyClient.NONE,
          clients == NodeConfig.VerifyClient.REQUIRED);
    } catch (TlsException e) {
      throw new StartRefusedException("restapi: " + e.getMessage(), e);
    }
  }
}
