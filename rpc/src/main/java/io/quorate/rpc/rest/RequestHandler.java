package io.quorate.rpc.rest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.quorate.rpc.Agent;
import io.quorate.time.MonotonicClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Answers the one request of one connection. */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {

  /** Larger than any configuration; a longer body is not read to its end. */
  private static final int BODY_MAX = 64 * 1024;

  private static final Set<String> SHOWING = Set.of("GET", "HEAD", "OPTIONS");

  private final Agent agent;
  private final RestActions actions;
  private final MonotonicClock clock;
  private final boolean changesNeedCertificate;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private @Nullable HttpRequest request;
  private boolean answered;

  RequestHandler(
      Agent agent, RestActions actions, MonotonicClock clock, boolean changesNeedCertificate) {
    this.changesNeedCertificate = changesNeedCertificate;
    this.agent = agent;
    this.actions = actions;
    this.clock = clock;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message)
      throws IOException {
    if (answered) {
      return;
    }
    if (message.decoderResult().isFailure()) {
      send(context, new RestApi.Reply(400, "text/html", ""));
      return;
    }
    if (message instanceof HttpRequest head) {
      request = head;
    }
    if (message instanceof HttpContent content) {
      content.content().readBytes(body, content.content().readableBytes());
    }
    HttpRequest asked = request;
    if (asked == null) {
      return;
    }
    if (body.size() > BODY_MAX) {
      send(context, RestApi.Reply.text(413, "the body is larger than " + BODY_MAX + " bytes"));
    } else if (message instanceof LastHttpContent) {
      answer(context, asked);
    }
  }

  private void answer(ChannelHandlerContext context, HttpRequest asked) {
    String method = asked.method().name();
    HealthAnswer.Route route = route(asked.uri());
    if (SHOWING.contains(method)) {
      send(context, RestApi.answer(method, route, agent.snapshot(), clock.now()));
      return;
    }
    if (changesNeedCertificate && !showedCertificate(context)) {
      send(context, RestApi.Reply.text(403, "Client certificate is required for this request"));
      return;
    }
    answered = true;
    // The client is silent while it waits, for as long as a switchover takes.
    context.pipeline().remove(ReadTimeoutHandler.class);
    var _ =
        actions
            .answer(
                new RestActions.Request(
                    method,
                    RestApi.firstSegment(route),
                    ((InetSocketAddress) context.channel().remoteAddress()).getAddress(),
                    Optional.ofNullable(asked.headers().get(HttpHeaderNames.AUTHORIZATION)),
                    asked.headers().contains(HttpHeaderNames.CONTENT_LENGTH),
                    body.toString(StandardCharsets.UTF_8)))
            .whenComplete((reply, failure) ->
                send(
                    context,
                    failure == null ? reply : RestApi.Reply.text(500, String.valueOf(failure))));
  }

  private static boolean showedCertificate(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    try {
      return tls != null && tls.engine().getSession().getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  /** Leading slashes count as one: {@code //leader} is seen in the wild. */
  private static HealthAnswer.Route route(String uri) {
    QueryStringDecoder decoder =
        new QueryStringDecoder("/" + uri.replaceFirst("^/+", ""), StandardCharsets.UTF_8);
    return new HealthAnswer.Route(decoder.path(), decoder.parameters());
  }

  private void send(ChannelHandlerContext context, RestApi.Reply reply) {
    answered = true;
    ByteBuf bytes = Unpooled.copiedBuffer(reply.body(), StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_0, HttpResponseStatus.valueOf(reply.status()), bytes);
    if (!reply.contentType().isEmpty()) {
      response.headers().set(HttpHeaderNames.SERVER, "Quorate");
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
    }
    reply.headers().forEach((name, value) -> response.headers().set(name, value));
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // A reset or a timeout: the client is gone or silent, and nobody is left to tell.
    var _ = context.close();
  }
}
