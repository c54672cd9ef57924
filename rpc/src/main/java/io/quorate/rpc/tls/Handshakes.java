package io.quorate.rpc.tls;

import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Says who got no connection, and why, where no certificate was there to be judged: who shows none,
 * speaks plain text, or does not trust this member. Certificates are judged, and refused, by {@link
 * PeerTrust}.
 */
final class Handshakes {

  private Handshakes() {}

  /** What a gRPC server is given to use {@code context}. */
  static ServerCredentials grpc(SslContext context, Refusals refusals) {
    return InternalNettyServerCredentials.create(new Watched(context, refusals));
  }

  /** Says so when the handshake of {@code channel} fails. */
  static void watch(SslHandler handler, Channel channel, Refusals refusals) {
    SocketAddress peer = channel.remoteAddress();
    SocketAddress own = channel.localAddress();
    var _ =
        handler
            .handshakeFuture()
            .addListener(done -> {
              if (!done.isSuccess() && done.cause() != null) {
                reason(done.cause(), own).ifPresent(why -> refusals.say(host(peer), why));
              }
            });
  }

  /** Without the port, which is another one each time. */
  private static String host(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress()
        : String.valueOf(address);
  }

  /** For people; empty where there is nothing to say, or it was said. */
  static Optional<String> reason(Throwable failure, SocketAddress own) {
    String port =
        own instanceof InetSocketAddress internet
            ? "port " + internet.getPort()
            : String.valueOf(own);
    if (failure instanceof NotSslRecordException) {
      return Optional.of(
          port + " speaks TLS, and it sends plain text: has it certificates, and is TLS on there?");
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return Optional.empty();
      }
    }
    if (!(failure instanceof SSLException)) {
      // It went away, as what only asks whether somebody listens does.
      return Optional.empty();
    }
    String text = String.valueOf(failure.getMessage());
    if (text.contains("Empty client certificate chain")) {
      return Optional.of(
          port + " demands a certificate, and it shows none: give it one of this authority");
    }
    if (text.contains("fatal alert: ")
        && (text.contains("certificate") || text.contains("unknown_ca"))) {
      return Optional.of(
          ("it does not take this member's certificate at %s (%s): does it trust the authority, and"
                  + " is the address that it dials among the certificate's names?")
              .formatted(port, text));
    }
    Throwable root = root(failure);
    return Optional.of(
        "no TLS connection to %s: %s%s"
            .formatted(port, text, root.equals(failure) ? "" : " (" + root + ")"));
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** gRPC's own negotiation, with somebody who looks on. */
  private static final class Watched implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator tls;
    private final Refusals refusals;

    Watched(SslContext context, Refusals refusals) {
      this.tls = InternalProtocolNegotiators.serverTls(context);
      this.refusals = refusals;
    }

    @Override
    public AsciiString scheme() {
      return tls.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
      ChannelHandler negotiation = tls.newHandler(grpc);
      return new ChannelInboundHandlerAdapter() {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
          context.pipeline().addAfter(context.name(), null, negotiation);
        }

        // With the first bytes gRPC's handler is there, which it is not from the beginning.
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
          SslHandler handler = context.pipeline().get(SslHandler.class);
          if (handler != null) {
            watch(handler, context.channel(), refusals);
          }
          context.pipeline().remove(this);
          context.fireChannelRead(bytes);
        }
      };
    }

    @Override
    public void close() {
      tls.close();
    }
  }
}
