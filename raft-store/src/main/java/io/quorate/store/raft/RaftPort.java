package io.quorate.store.raft;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The port of the Raft server. Ratis serves clients and administration (removing a group with its
 * data, for one) on the same port as its peers; only the peers are let in here, and under TLS each
 * in its own name alone: Ratis itself asks for no more than a certificate that the authority has
 * signed.
 */
final class RaftPort implements GrpcServices.Customizer {
  private static final String PEERS = "ratis.grpc.RaftServerProtocolService";

  private final String self;
  private final Optional<RaftTls> tls;

  /**
   * The port of one server.
   *
   * @param self its Raft id
   */
  RaftPort(String self, Optional<RaftTls> tls) {
    this.self = self;
    this.tls = tls;
  }

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    // The one that is added last is the first to see a call.
    return builder.intercept(new RecipientOnly(self)).intercept(new PeersOnly(tls));
  }

  /**
   * Checks that the port can be had. Ratis itself would end the whole process.
   *
   * @throws StoreRefusedException when it cannot
   */
  static void probe(HostPort listen) throws StoreRefusedException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(listen.host(), listen.port()));
    } catch (IOException | IllegalArgumentException e) {
      throw StoreRefusedException.forNow(
          "raft.listen: cannot listen on %s (%s). Is another process, perhaps this member itself,"
                  .formatted(listen, e.getMessage())
              + " using the port?",
          e);
    }
  }

  private static final class PeersOnly implements ServerInterceptor {
    private final Optional<RaftTls> tls;

    PeersOnly(Optional<RaftTls> tls) {
      this.tls = tls;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      @Nullable String service = call.getMethodDescriptor().getServiceName();
      if (!PEERS.equals(service)) {
        return refused(call, "only members talk to this port");
      }
      if (tls.isEmpty()) {
        return next.startCall(call, headers);
      }
      Optional<String> peer = RaftPeerName.of(call, tls.get());
      return peer.isPresent()
          ? new InOwnName<>(next.startCall(call, headers), call, peer.get(), tls.get().refused())
          : refused(call, "the certificate speaks for no member");
    }

    private static <Q, A> ServerCall.Listener<Q> refused(ServerCall<Q, A> call, String why) {
      call.close(Status.PERMISSION_DENIED.withDescription(why), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  /** Lets through what a member says in its own name: a vote in another's would be counted. */
  private static final class InOwnName<Q, A>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;
    private final String peer;
    private final BiConsumer<String, String> refused;
    private boolean ended;

    InOwnName(
        ServerCall.Listener<Q> next,
        ServerCall<Q, A> call,
        String peer,
        BiConsumer<String, String> refused) {
      super(next);
      this.refused = refused;
      this.call = call;
      this.peer = peer;
    }

    @Override
    public void onMessage(Q message) {
      if (ended) {
        return;
      }
      Optional<String> sender = RaftPeerName.sender(message);
      if (sender.filter(peer::equals).isEmpty()) {
        ended = true;
        refused.accept(
            peer,
            "it speaks for %s on the Raft port: is a member's certificate at another member?"
                .formatted(sender.orElse("nobody known")));
        call.close(
            Status.PERMISSION_DENIED.withDescription(
                "the certificate speaks for another member than the request"),
            new Metadata());
        return;
      }
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      if (!ended) {
        super.onHalfClose();
      }
    }
  }
}
