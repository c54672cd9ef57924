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
import io.quorate.rpc.Agent;
import io.quorate.time.MonotonicClock;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Answers the one request of one connection. */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {

  /** No request needs a body yet; a longer one is not read to its end. */
  private static final int BODY_MAX = 64 * 1024;

  private final Agent agent;
  private final MonotonicClock clock;
  private @Nullable HttpRequest request;
  private int bodyBytes;
  private boolean answered;

  RequestHandler(Agent agent, MonotonicClock clock) {
    this.agent = agent;
    this.clock = clock;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
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
      bodyBytes += content.content().readableBytes();
    }
    HttpRequest asked = request;
    if (asked != null && (message instanceof LastHttpContent || bodyBytes > BODY_MAX)) {
      send(
          context,
          RestApi.answer(asked.method().name(), route(asked.uri()), agent.snapshot(), clock.now()));
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
    ByteBuf body = Unpooled.copiedBuffer(reply.body(), StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_0, HttpResponseStatus.valueOf(reply.status()), body);
    if (!reply.contentType().isEmpty()) {
      response.headers().set(HttpHeaderNames.SERVER, "Quorate");
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // A reset or a timeout: the client is gone or silent, and nobody is left to tell.
    var _ = context.close();
  }
}
