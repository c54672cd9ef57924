package io.quorate.rpc.tls;

import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A certificate with its key and the authorities, read from files and found to fit together: what
 * would make every handshake fail is said here, once, by its cause.
 */
record Credentials(List<X509Certificate> chain, PrivateKey key, List<X509Certificate> authorities) {

  private static final String SERVER = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT = "1.3.6.1.5.5.7.3.2";

  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.GROUP_WRITE);

  /** Copies the lists. */
  Credentials {
    chain = List.copyOf(chain);
    authorities = List.copyOf(authorities);
  }

  X509Certificate own() {
    return chain.getFirst();
  }

  /**
   * Reads and checks.
   *
   * @param member whom the certificate must speak for, if it is a member's
   * @throws TlsException naming setting, file and remedy
   */
  static Credentials read(TlsFiles files, Optional<MemberIdentity> member, Instant now)
      throws TlsException {
    TlsFiles.Setting setting = files.setting();
    List<X509Certificate> chain = certificates(setting.certificate(), files.certificate());
    List<X509Certificate> authorities =
        files.authority().isPresent()
            ? certificates(setting.authority(), files.authority().get())
            : List.of();
    PrivateKey key = key(setting.key(), files.key());
    X509Certificate own = chain.getFirst();
    String at = setting.certificate() + ": the certificate in " + files.certificate();
    checkTime(own, at, now);
    if (!matches(own.getPublicKey(), key)) {
      throw new TlsException(
          "%s: the key in %s does not belong to the certificate in %s: give the pair that was made together"
              .formatted(setting.key(), files.key(), files.certificate()));
    }
    if (member.isPresent() && files.authority().isPresent()) {
      checkSigned(
          chain, authorities, now, at, setting.authority() + " (" + files.authority().get() + ")");
    }
    checkUse(own, at, member.isPresent());
    if (member.isPresent() && !member.get().isIn(own)) {
      throw new TlsException(
          "%s does not speak for this member: have one made with the alternative name URI:%s"
              .formatted(at, member.get().uri()));
    }
    return new Credentials(chain, key, authorities);
  }

  /** The certificates of a file that holds nothing else of use. */
  static List<X509Certificate> certificates(String setting, Path file) throws TlsException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> all = List.of(CertificateUtils.getX509Certificates(in));
      if (all.isEmpty()) {
        throw new TlsException("%s: %s holds no certificate".formatted(setting, file));
      }
      return all;
    } catch (IOException e) {
      throw unreadable(setting, file, e);
    } catch (CertificateException e) {
      throw new TlsException(
          "%s: %s holds no certificates in PEM form: %s".formatted(setting, file, e.getMessage()),
          e);
    }
  }

  private static PrivateKey key(String setting, Path file) throws TlsException {
    try {
      checkMode(setting, file);
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      if (text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("ENCRYPTED\n")) {
        throw new TlsException(
            "%s: the key in %s has a password: store it without one ('openssl pkey -in %s -out NEW') and keep its mode at 0600"
                .formatted(setting, file, file));
      }
      if (text.contains("BEGIN RSA PRIVATE KEY") || text.contains("BEGIN EC PRIVATE KEY")) {
        throw new TlsException(
            "%s: the key in %s is not in PKCS #8 form: convert it with 'openssl pkcs8 -topk8 -nocrypt -in %s -out NEW'"
                .formatted(setting, file, file));
      }
      try (InputStream in = Files.newInputStream(file)) {
        return CertificateUtils.getPrivateKey(in);
      }
    } catch (IOException e) {
      throw unreadable(setting, file, e);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new TlsException(
          "%s: %s holds no private key of RSA or EC in PEM form (PKCS #8): %s"
              .formatted(setting, file, e.getMessage()),
          e);
    }
  }

  /** As PostgreSQL does for its own key: what others can read is no secret. */
  private static void checkMode(String setting, Path file) throws IOException, TlsException {
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    boolean group = attributes.permissions().contains(PosixFilePermission.GROUP_READ);
    boolean rootsGroup = attributes.owner().getName().equals("root");
    if (attributes.permissions().stream().anyMatch(OTHERS::contains) || (group && !rootsGroup)) {
      throw new TlsException(
          "%s: the key in %s can be read or changed by others: 'chmod 600 %s' (0640 if it is root's)"
              .formatted(setting, file, file));
    }
  }

  private static TlsException unreadable(String setting, Path file, IOException e) {
    return new TlsException(
        "%s: %s cannot be read (%s): does it exist, and may the agent's user read it?"
            .formatted(setting, file, e.getClass().getSimpleName()),
        e);
  }

  private static void checkTime(X509Certificate own, String at, Instant now) throws TlsException {
    try {
      own.checkValidity(Date.from(now));
    } catch (CertificateExpiredException e) {
      throw new TlsException(
          "%s has expired at %s: renew it".formatted(at, own.getNotAfter().toInstant()), e);
    } catch (CertificateNotYetValidException e) {
      throw new TlsException(
          "%s is not valid before %s: is this host's clock right (it says %s)?"
              .formatted(at, own.getNotBefore().toInstant(), now),
          e);
    }
  }

  private static boolean matches(PublicKey publicKey, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      byte[] probe = "quorate".getBytes(StandardCharsets.US_ASCII);
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signed = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(probe);
      return verifier.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static void checkSigned(
      List<X509Certificate> chain,
      List<X509Certificate> authorities,
      Instant now,
      String at,
      String where)
      throws TlsException {
    try {
      PKIXParameters parameters = new PKIXParameters(store(authorities));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      List<X509Certificate> path = chain.stream().filter(c -> !authorities.contains(c)).toList();
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (CertPathValidatorException e) {
      throw new TlsException(
          "%s is not signed by an authority of %s: %s".formatted(at, where, e.getMessage()), e);
    } catch (GeneralSecurityException | IOException e) {
      throw new TlsException("%s cannot be checked: %s".formatted(at, e.getMessage()), e);
    }
  }

  static KeyStore store(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    return store;
  }

  /** A member answers and asks with the same certificate. */
  private static void checkUse(X509Certificate own, String at, boolean member) throws TlsException {
    List<String> uses;
    try {
      uses = own.getExtendedKeyUsage();
    } catch (CertificateException e) {
      throw new TlsException(at + " has an extended key usage that cannot be read", e);
    }
    if (member && uses != null && !(uses.contains(SERVER) && uses.contains(CLIENT))) {
      throw new TlsException(
          at
              + " is not for both ends of a connection: have one made with extendedKeyUsage ="
              + " serverAuth, clientAuth");
    }
  }
}
