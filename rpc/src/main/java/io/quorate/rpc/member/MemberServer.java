package io.quorate.rpc.member;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.quorate.proto.member.v1.MemberGrpc;
import io.quorate.proto.member.v1.PingRequest;
import io.quorate.proto.member.v1.PingResponse;
import io.quorate.proto.member.v1.VoterRequest;
import io.quorate.proto.member.v1.VoterResponse;
import io.quorate.rpc.tls.ServerSide;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Serves other members: up before the store, so that a founding member gets its answers. */
public final class MemberServer implements AutoCloseable {

  /** The largest message: a forwarded request of the store's largest size, and some. */
  static final int MESSAGE_MAX = 4 * 1024 * 1024;

  private static final long KEEPALIVE_MIN_SECONDS = 1;

  private final Server server;

  private MemberServer(Server server) {
    this.server = server;
  }

  /**
   * Listens at {@code address}, in plain text, and answers as {@code name}.
   *
   * @throws UncheckedIOException naming the setting, when the port cannot be had
   */
  public static MemberServer start(
      String name, InetSocketAddress address, VoterEndpoint endpoint, EventLoopGroup eventLoops) {
    return start(
        name,
        address,
        endpoint,
        new ServerSide(InsecureServerCredentials.create()),
        _ -> Optional.empty(),
        eventLoops);
  }

  /**
   * The same with {@code tls}: whom to let in, and as whom to answer.
   *
   * @param member the name of the member that a certificate speaks for
   * @throws UncheckedIOException naming the setting, when the port cannot be had
   */
  public static MemberServer start(
      String name,
      InetSocketAddress address,
      VoterEndpoint endpoint,
      ServerSide tls,
      Function<X509Certificate, Optional<String>> member,
      EventLoopGroup eventLoops) {
    Server server =
        NettyServerBuilder.forAddress(address, tls.credentials())
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(eventLoops)
            .workerEventLoopGroup(eventLoops)
            .directExecutor()
            .maxInboundMessageSize(MESSAGE_MAX)
            .permitKeepAliveTime(KEEPALIVE_MIN_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(
                ServerInterceptors.intercept(new Service(name, endpoint), new Callers(member)))
            .build();
    try {
      return new MemberServer(server.start());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "raft.members["
              + name
              + "].member_address: cannot listen at "
              + address
              + ": "
              + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static final class Service extends MemberGrpc.MemberImplBase {

    private final String name;
    private final VoterEndpoint endpoint;

    Service(String name, VoterEndpoint endpoint) {
      this.name = name;
      this.endpoint = endpoint;
    }

    @Override
    public void voter(VoterRequest request, StreamObserver<VoterResponse> answer) {
      var _ =
          endpoint
              .answer(Bytes.of(request.getBody().toByteArray()), Callers.current())
              .whenComplete((body, failure) -> {
                if (failure != null) {
                  answer.onError(status(failure).asRuntimeException());
                  return;
                }
                ByteString bytes = UnsafeByteOperations.unsafeWrap(body.toByteArray());
                answer.onNext(VoterResponse.newBuilder().setBody(bytes).build());
                answer.onCompleted();
              });
    }

    private static Status status(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      Status status =
          cause instanceof IllegalArgumentException ? Status.INVALID_ARGUMENT : Status.UNAVAILABLE;
      return status.withDescription(String.valueOf(cause.getMessage()));
    }

    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> answer) {
      answer.onNext(PingResponse.newBuilder().setName(name).build());
      answer.onCompleted();
    }
  }
}
