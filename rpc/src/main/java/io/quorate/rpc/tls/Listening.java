package io.quorate.rpc.tls;

import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/** What the libraries' servers and clients want to be given, made of a {@link TlsMaterial}. */
public final class Listening {

  private Listening() {}

  /**
   * A server that demands a certificate which {@code trust} accepts; plain text without TLS.
   *
   * @throws TlsException if the library refuses the settings
   */
  public static ServerSide server(
      Optional<TlsMaterial> tls, Optional<X509ExtendedTrustManager> trust) throws TlsException {
    if (tls.isEmpty() || trust.isEmpty()) {
      return new ServerSide(InsecureServerCredentials.create());
    }
    SslContextBuilder builder =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(tls.get().keyManager()), SslProvider.JDK)
            .trustManager(trust.get())
            .clientAuth(ClientAuth.REQUIRE);
    return new ServerSide(Handshakes.grpc(context(builder), tls.get().refusals()));
  }

  /** A client that shows the own certificate to servers which {@code trust} accepts. */
  public static ClientSide client(
      Optional<TlsMaterial> tls, Optional<X509ExtendedTrustManager> trust) {
    return new ClientSide(
        tls.isEmpty() || trust.isEmpty()
            ? InsecureChannelCredentials.create()
            : TlsChannelCredentials.newBuilder()
                .keyManager(tls.get().keyManager())
                .trustManager(trust.get())
                .build());
  }

  /**
   * For gRPC and HTTP/1.1 on one port; demands a client's certificate.
   *
   * @throws TlsException if the library refuses the settings
   */
  public static SecuredPort shared(TlsMaterial tls) throws TlsException {
    return build(
        SslContextBuilder.forServer(tls.keyManager())
            .trustManager(tls.clients())
            .clientAuth(ClientAuth.REQUIRE)
            .sslProvider(SslProvider.JDK)
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            // gRPC's clients offer HTTP/2 alone. Whoever offers both wants JSON.
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_1_1,
                    ApplicationProtocolNames.HTTP_2)),
        tls);
  }

  /**
   * For HTTP.
   *
   * @param ask whether clients are asked for a certificate
   * @param demand whether those without one are refused
   * @throws TlsException if the library refuses the settings
   */
  public static SecuredPort http(TlsMaterial tls, boolean ask, boolean demand) throws TlsException {
    ClientAuth clients = demand ? ClientAuth.REQUIRE : ask ? ClientAuth.OPTIONAL : ClientAuth.NONE;
    SslContextBuilder builder = SslContextBuilder.forServer(tls.keyManager()).clientAuth(clients);
    return build(clients == ClientAuth.NONE ? builder : builder.trustManager(tls.clients()), tls);
  }

  private static SecuredPort build(SslContextBuilder builder, TlsMaterial tls) throws TlsException {
    return new SecuredPort(context(builder), tls.refusals());
  }

  private static SslContext context(SslContextBuilder builder) throws TlsException {
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }
}
