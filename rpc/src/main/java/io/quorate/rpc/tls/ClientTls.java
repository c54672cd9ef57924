package io.quorate.rpc.tls;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How a command asks a cluster.
 *
 * @param files the own certificate, and whom to trust; empty: none is shown, and with {@code
 *     insecure} anybody is trusted
 * @param insecure whether any server is trusted, whatever its certificate (Patroni's {@code
 *     ctl.insecure})
 */
public record ClientTls(Optional<TlsFiles> files, boolean insecure) {

  /** Plain text. */
  public static final ClientTls OFF = new ClientTls(Optional.empty(), false);

  /**
   * What to give to a client.
   *
   * @throws TlsException naming setting, file and remedy
   */
  public ChannelCredentials credentials(InstantSource clock) throws TlsException {
    if (files.isEmpty() && !insecure) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    if (files.isPresent()) {
      TlsMaterial own = TlsMaterial.load(files.get(), Optional.empty(), clock);
      builder.keyManager(own.keyManager());
      if (!insecure) {
        return builder.trustManager(own.servers()).build();
      }
    }
    return builder.trustManager(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()).build();
  }
}
