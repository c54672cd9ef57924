package io.quorate.store.raft;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.EnumSet;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The port of the Raft server. Ratis serves clients and administration (removing a group with its
 * data, for one) on the same port as its peers; only the peers are let in here.
 */
final class RaftPort implements GrpcServices.Customizer {
  private static final String PEERS = "ratis.grpc.RaftServerProtocolService";

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    return builder.intercept(new PeersOnly());
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
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      @Nullable String service = call.getMethodDescriptor().getServiceName();
      if (PEERS.equals(service)) {
        return next.startCall(call, headers);
      }
      call.close(
          Status.PERMISSION_DENIED.withDescription("only members talk to this port"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
