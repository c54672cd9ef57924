package io.quorate.rpc.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that writes certificates and keys to a directory. */
final class TestAuthority {

  static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private final Path directory;
  private final KeyPair keys = pair();
  private final X500Principal name = new X500Principal("CN=authority");
  private final Random serials = new Random(1);

  TestAuthority(Path directory) throws IOException {
    this.directory = directory;
    pem(
        directory.resolve("ca.crt"),
        "CERTIFICATE",
        encoded(issue(keys, name, List.of(), 3650, true)));
  }

  /** Files of one certificate with these URIs, good for {@code days} from a day before now. */
  TlsFiles make(String file, List<String> uris, int days) throws IOException {
    KeyPair own = pair();
    pem(
        directory.resolve(file + ".crt"),
        "CERTIFICATE",
        encoded(issue(own, new X500Principal("CN=" + file), uris, days, false)));
    Path key = directory.resolve(file + ".key");
    pem(key, "PRIVATE KEY", own.getPrivate().getEncoded());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    return new TlsFiles(
        directory.resolve(file + ".crt"),
        key,
        Optional.of(directory.resolve("ca.crt")),
        TlsFiles.Setting.TLS);
  }

  private X509Certificate issue(
      KeyPair own, X500Principal subject, List<String> uris, int days, boolean authority) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(64, serials),
              Date.from(NOW.minus(Duration.ofDays(30))),
              Date.from(NOW.plus(Duration.ofDays(days))),
              subject,
              own.getPublic());
      if (authority) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      }
      if (!uris.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                uris.stream()
                    .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                    .toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pem(Path file, String kind, byte[] content) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
  }
}
