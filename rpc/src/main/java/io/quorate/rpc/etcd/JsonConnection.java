package io.quorate.rpc.etcd;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers HTTP/1.1 requests of one connection, one after the other. */
final class JsonConnection extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** Requests that may come before the one at hand is answered. */
  private static final int PIPELINED_MAX = 16;

  /** Prefix of headers that are a gRPC call's metadata. */
  private static final String METADATA = "grpc-metadata-";

  private final JsonRoutes routes;
  private final Function<String, @Nullable Page> pages;
  private final Executor executor;
  private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();
  private @Nullable JsonCall<?, ?> call;
  private boolean answering;

  /** A page that is no method's. */
  record Page(int status, String contentType, String body) {}

  /**
   * @param pages what is at a path, or null
   */
  JsonConnection(JsonRoutes routes, Function<String, @Nullable Page> pages, Executor executor) {
    this.routes = routes;
    this.pages = pages;
    this.executor = executor;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (answering && waiting.size() >= PIPELINED_MAX) {
      var _ = context.close();
    } else if (answering) {
      waiting.add(request.retain());
    } else {
      answer(context, request);
    }
  }

  private void answer(ChannelHandlerContext context, FullHttpRequest request) {
    answering = true;
    // The next request is read when this one is answered.
    context.channel().config().setAutoRead(false);
    Exchange exchange = new Exchange(context, HttpUtil.isKeepAlive(request));
    if (request.decoderResult().isFailure()) {
      exchange.whole(400, TEXT, "Bad Request\n");
      return;
    }
    String path = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8).path();
    var route = routes.find(path);
    if (route.isEmpty()) {
      Page page = request.method().equals(HttpMethod.GET) ? pages.apply(path) : null;
      if (page == null) {
        exchange.whole(404, TEXT, "Not Found\n");
      } else {
        exchange.whole(page.status(), page.contentType(), page.body());
      }
      return;
    }
    if (!request.method().equals(HttpMethod.POST)) {
      exchange.whole(405, TEXT, "Method Not Allowed\n");
      return;
    }
    switch (route.get()) {
      case JsonRoutes.Route.Refused(String text) ->
          exchange.end(Status.UNIMPLEMENTED.withDescription(text));
      case JsonRoutes.Route.Served served -> call(context, exchange, served, request);
    }
  }

  private void call(
      ChannelHandlerContext context,
      Exchange exchange,
      JsonRoutes.Route.Served served,
      FullHttpRequest request) {
    boolean stream = served.method().getMethodDescriptor().getType() == MethodType.BIDI_STREAMING;
    exchange.stream = stream;
    List<Message> requests;
    try {
      requests =
          JsonForm.requests(request.content().toString(StandardCharsets.UTF_8), served.request());
    } catch (StatusRuntimeException refused) {
      exchange.end(refused.getStatus());
      return;
    }
    if (!stream && requests.size() != 1) {
      requests = List.of(requests.isEmpty() ? served.request() : requests.getFirst());
    }
    call =
        JsonCall.start(served.method(), requests, metadata(request.headers()), exchange, executor);
    // With reading stopped a client's end would go unnoticed.
    if (stream) {
      context.channel().config().setAutoRead(true);
    }
  }

  private static Metadata metadata(HttpHeaders headers) {
    Metadata metadata = new Metadata();
    headers.forEach(header -> {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(METADATA) && name.length() > METADATA.length()) {
        metadata.put(
            Metadata.Key.of(name.substring(METADATA.length()), Metadata.ASCII_STRING_MARSHALLER),
            header.getValue());
      }
    });
    return metadata;
  }

  private void done(ChannelHandlerContext context) {
    answering = false;
    call = null;
    FullHttpRequest next = waiting.poll();
    if (next == null) {
      context.channel().config().setAutoRead(true);
      return;
    }
    try {
      answer(context, next);
    } finally {
      next.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    JsonCall<?, ?> now = call;
    if (now != null && context.channel().isWritable()) {
      now.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    JsonCall<?, ?> now = call;
    if (now != null) {
      now.cancel();
    }
    waiting.forEach(FullHttpRequest::release);
    waiting.clear();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && !answering) {
      var _ = context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // A reset, or what is no HTTP: nobody is left to tell.
    var _ = context.close();
  }

  /** The answer to one request. Netty puts what other threads write into its own. */
  private final class Exchange implements JsonCall.Sink {
    private final ChannelHandlerContext context;
    private final boolean keepAlive;
    private volatile boolean stream;
    private boolean begun;
    private @Nullable Message only;

    Exchange(ChannelHandlerContext context, boolean keepAlive) {
      this.context = context;
      this.keepAlive = keepAlive;
    }

    @Override
    public boolean ready() {
      return context.channel().isWritable();
    }

    @Override
    public void message(Message answer) {
      if (!stream) {
        only = answer;
        return;
      }
      String line = "{\"result\":" + JsonForm.text(answer) + "}\n";
      begin();
      var _ = context.writeAndFlush(new DefaultHttpContent(utf8(line)));
    }

    private void begin() {
      if (!begun) {
        begun = true;
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
        HttpUtil.setTransferEncodingChunked(head, true);
        var _ = context.write(head);
      }
    }

    @Override
    public void end(Status status) {
      Message answer = only;
      if (begun) {
        if (!status.isOk()) {
          var _ = context.write(new DefaultHttpContent(utf8(JsonForm.streamError(status) + "\n")));
        }
        finish(LastHttpContent.EMPTY_LAST_CONTENT);
      } else if (status.isOk()) {
        whole(200, JSON, answer == null ? "" : JsonForm.text(answer));
      } else {
        whole(
            JsonForm.httpStatus(status),
            JSON,
            stream ? JsonForm.streamError(status) : JsonForm.error(status));
      }
    }

    void whole(int status, String contentType, String body) {
      ByteBuf bytes = utf8(body);
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), bytes);
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
      if (!keepAlive) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      finish(response);
    }

    private ByteBuf utf8(String text) {
      return ByteBufUtil.writeUtf8(context.alloc(), text);
    }

    private void finish(Object last) {
      var _ =
          context
              .writeAndFlush(last)
              .addListener(
                  (ChannelFutureListener)
                      written -> {
                        if (keepAlive && written.isSuccess()) {
                          done(context);
                        } else {
                          var _ = context.close();
                        }
                      });
    }
  }
}
