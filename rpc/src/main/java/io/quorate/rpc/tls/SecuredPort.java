package io.quorate.rpc.tls;

import io.netty.handler.ssl.SslContext;

/** What connections of a port are secured with. */
public record SecuredPort(SslContext context) {}
