package io.quorate.rpc.tls;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An own certificate and the authorities to trust, as managers that everything which listens or
 * dials shares. Handshakes after {@link #refresh} use what is new, connections that stand go on.
 * Any thread.
 */
public final class TlsMaterial {

  private static final Logger LOG = LoggerFactory.getLogger("io.quorate.tls");

  /** From this time before a certificate's end on the log says so at each refresh. */
  private static final Duration ENDS_SOON = Duration.ofDays(14);

  /** When each file was last changed, and how long it is. */
  private record Stamp(List<FileTime> times, List<Long> sizes) {}

  private final TlsFiles files;
  private final Optional<MemberIdentity> member;
  private final InstantSource clock;
  private final Refusals refusals;
  private final AdvancedTlsX509KeyManager key = new AdvancedTlsX509KeyManager();
  private final AdvancedTlsX509TrustManager clients;
  private final AdvancedTlsX509TrustManager hosts;
  private Optional<Stamp> read = Optional.empty();
  private Credentials current;

  private TlsMaterial(TlsFiles files, Optional<MemberIdentity> member, InstantSource clock)
      throws TlsException {
    this.files = files;
    this.member = member;
    this.clock = clock;
    this.refusals = new Refusals(clock);
    try {
      this.clients =
          AdvancedTlsX509TrustManager.newBuilder()
              .setVerification(
                  AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
              .build();
      this.hosts =
          AdvancedTlsX509TrustManager.newBuilder()
              .setVerification(
                  AdvancedTlsX509TrustManager.Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION)
              .build();
    } catch (CertificateException e) {
      throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
    }
    Optional<Stamp> stamp = stamp();
    this.current = Credentials.read(files, member, clock.instant());
    take(current);
    this.read = stamp;
  }

  /**
   * Reads and checks the files.
   *
   * @param member whom the certificate must speak for, if it is a member's
   * @throws TlsException naming setting, file and remedy
   */
  public static TlsMaterial load(
      TlsFiles files, Optional<MemberIdentity> member, InstantSource clock) throws TlsException {
    return new TlsMaterial(files, member, clock);
  }

  /**
   * Reads the files again if any of them changed. Files that do not fit together, as between the
   * writing of the one and of the other, change nothing.
   *
   * @return whether another certificate or other authorities are in use now
   */
  public synchronized boolean refresh() {
    Optional<Stamp> stamp = stamp();
    if (stamp.isPresent() && stamp.equals(read)) {
      return false;
    }
    return reload(stamp);
  }

  private boolean reload(Optional<Stamp> stamp) {
    try {
      Credentials next = Credentials.read(files, member, clock.instant());
      read = stamp;
      if (next.equals(current)) {
        return false;
      }
      take(next);
      current = next;
      LOG.info(
          "tls outcome=success \"new handshakes use the certificate {} of {}, good until {}\"",
          next.own().getSerialNumber().toString(16),
          files.certificate(),
          next.own().getNotAfter().toInstant());
      return true;
    } catch (TlsException e) {
      // Said again only when the files have changed again.
      read = stamp;
      LOG.error("tls outcome=failure \"{}; the former certificate stays in use\"", e.getMessage());
      return false;
    }
  }

  private void take(Credentials next) throws TlsException {
    try {
      if (!next.authorities().isEmpty()) {
        X509Certificate[] authorities = next.authorities().toArray(X509Certificate[]::new);
        clients.updateTrustCredentials(authorities);
        hosts.updateTrustCredentials(authorities);
      }
      key.updateIdentityCredentials(next.chain().toArray(X509Certificate[]::new), next.key());
    } catch (IOException | GeneralSecurityException e) {
      throw new TlsException(
          "%s or %s cannot be used: %s"
              .formatted(files.setting().certificate(), files.setting().authority(), e),
          e);
    }
    if (next.own().getNotAfter().toInstant().minus(ENDS_SOON).isBefore(clock.instant())) {
      LOG.warn(
          "tls \"the certificate in {} ends at {}: renew it; the agent takes the new file by itself\"",
          files.certificate(),
          next.own().getNotAfter().toInstant());
    }
  }

  private Optional<Stamp> stamp() {
    List<FileTime> times = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    List<Path> all = new ArrayList<>(List.of(files.certificate(), files.key()));
    files.authority().ifPresent(all::add);
    for (Path file : all) {
      try {
        times.add(Files.getLastModifiedTime(file));
        sizes.add(Files.size(file));
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return Optional.of(new Stamp(List.copyOf(times), List.copyOf(sizes)));
  }

  /** Says in the log, once, that {@code peer} was refused after its handshake. */
  public void refused(String peer, String why) {
    boolean _ = refusals.say(peer, why);
  }

  Refusals refusals() {
    return refusals;
  }

  /** When the own certificate ends. */
  public synchronized Instant expires() {
    return current.own().getNotAfter().toInstant();
  }

  /** The own certificate, for both ends. */
  public X509ExtendedKeyManager keyManager() {
    return key;
  }

  /** Lets in every client whose certificate an authority has signed. */
  public X509ExtendedTrustManager clients() {
    return new PeerTrust(clients, (_, _) -> {}, refusals);
  }

  /** Trusts servers whose certificate an authority has signed for the host that was asked. */
  public X509ExtendedTrustManager servers() {
    return new PeerTrust(hosts, (_, _) -> {}, refusals);
  }

  /**
   * Trusts members of the cluster alone, on either end. The host they are at does not matter, but
   * whom they speak for does.
   *
   * @param expected the member that is to be found at a host and port, where that is known
   */
  public X509ExtendedTrustManager members(
      String scope, BiFunction<String, Integer, Optional<String>> expected) {
    return new PeerTrust(
        clients,
        (peer, engine) -> {
          String name =
              MemberIdentity.nameIn(peer, scope)
                  .orElseThrow(() ->
                      new CertificateException(
                          "this port is for members, and the certificate speaks for none of "
                              + scope
                              + " (URI:"
                              + new MemberIdentity(scope, "NAME").uri()
                              + ")"));
          Optional<String> wanted = asked(engine, expected);
          if (wanted.isPresent() && !wanted.get().equals(name)) {
            throw new CertificateException(
                "%s was expected there, and the certificate speaks for %s"
                    .formatted(wanted.get(), name));
          }
        },
        refusals);
  }

  private static Optional<String> asked(
      @Nullable SSLEngine engine, BiFunction<String, Integer, Optional<String>> expected) {
    return engine != null && engine.getUseClientMode() && engine.getPeerHost() != null
        ? expected.apply(engine.getPeerHost(), engine.getPeerPort())
        : Optional.empty();
  }
}
