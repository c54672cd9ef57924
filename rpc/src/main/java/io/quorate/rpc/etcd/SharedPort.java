package io.quorate.rpc.etcd;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.quorate.rpc.tls.SecuredPort;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets gRPC and HTTP/1.1 share a port: a connection that begins with HTTP/2's preface goes on as
 * gRPC's, any other one as HTTP's. gRPC's own way of choosing a protocol for a connection is used
 * for it; it has no public name for that.
 */
final class SharedPort implements InternalProtocolNegotiator.ProtocolNegotiator {

  private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

  /** Who has not said in this time which protocol it speaks is cut off. */
  private static final long SILENCE_SECONDS = 10;

  private final InternalProtocolNegotiator.ProtocolNegotiator http2 =
      InternalProtocolNegotiators.serverPlaintext();
  private final Consumer<ChannelPipeline> http1;
  private final int connectionsMax;
  private final Optional<SecuredPort> tls;
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * @param http1 adds to a pipeline what answers HTTP/1.1
   * @param connectionsMax further connections are closed at once
   * @param tls what connections are secured with; empty: plain text
   */
  SharedPort(Consumer<ChannelPipeline> http1, int connectionsMax, Optional<SecuredPort> tls) {
    this.http1 = http1;
    this.tls = tls;
    this.connectionsMax = connectionsMax;
  }

  @Override
  public AsciiString scheme() {
    return http2.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new Detector(http2.newHandler(grpc));
  }

  @Override
  public void close() {
    http2.close();
  }

  private final class Detector extends ByteToMessageDecoder {
    private final ChannelHandler grpc;

    /** What gRPC begins its negotiation with; kept for its own handler. */
    private @Nullable Object begin;

    Detector(ChannelHandler grpc) {
      this.grpc = grpc;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      int open = connections.incrementAndGet();
      var _ = context.channel().closeFuture().addListener(_ -> connections.decrementAndGet());
      if (open > connectionsMax) {
        var _ = context.channel().close();
        return;
      }
      tls.ifPresent(secured ->
          context.pipeline().addBefore(context.name(), "tls", secured.handler(context.channel())));
      var timer =
          context
              .executor()
              .schedule(
                  () -> {
                    if (!context.isRemoved()) {
                      var _ = context.channel().close();
                    }
                  },
                  SILENCE_SECONDS,
                  TimeUnit.SECONDS);
      var _ = context.channel().closeFuture().addListener(_ -> timer.cancel(false));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (!(event instanceof SslCompletionEvent)) {
        begin = event;
      }
    }

    /** A handshake that failed, or a reset: nobody is left to tell. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int seen = Math.min(in.readableBytes(), PREFACE.length);
      for (int i = 0; i < seen; i++) {
        if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
          becomeHttp1(context.pipeline());
          return;
        }
      }
      if (seen == PREFACE.length) {
        context.pipeline().addAfter(context.name(), "grpc-negotiation", grpc);
        Object event = begin;
        if (event != null) {
          context.fireUserEventTriggered(event);
        }
        // What was read is passed on to whoever stands behind when this one is removed.
        context.pipeline().remove(this);
      }
    }

    private void becomeHttp1(ChannelPipeline pipeline) {
      List<ChannelHandler> others = new ArrayList<>(pipeline.toMap().values());
      others.remove(this);
      others.removeIf(SslHandler.class::isInstance);
      // gRPC has put handlers of its own around; none of them is for this connection.
      others.forEach(pipeline::remove);
      http1.accept(pipeline);
      pipeline.remove(this);
    }
  }
}
