package io.quorate.rpc.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;

/** What connections of a port are secured with. */
public final class SecuredPort {

  private final SslContext context;
  private final Refusals refusals;

  SecuredPort(SslContext context, Refusals refusals) {
    this.context = context;
    this.refusals = refusals;
  }

  /** Secures {@code channel}, as the first of its handlers. */
  public SslHandler handler(Channel channel) {
    SslHandler handler = context.newHandler(channel.alloc());
    Handshakes.watch(handler, channel, refusals);
    return handler;
  }
}
