package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * An authority and certificates of its own in a directory, made with the commands of {@code
 * docs/tls.md} as they stand there, but for names and addresses.
 */
final class Certificates {

  private static final char[] NO_PASSWORD = {};

  private final Path directory;
  private final String page;

  /** An authority in {@code directory}, which is made. */
  Certificates(Path directory, String page) {
    this.directory = directory;
    this.page = page;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sh(block(0));
  }

  /** The page's n-th block of commands. */
  private String block(int index) {
    List<String> blocks =
        page.lines()
            .collect(Collectors.joining("\n"))
            .transform(text -> List.of(text.split("\n```sh\n", -1)));
    String block = blocks.get(index + 1);
    return block
        .substring(0, block.indexOf("\n```"))
        .replace("quorate://orders/", "quorate://real/");
  }

  /** The functions of a block, without the calls below them. */
  private static String functions(String block) {
    return block.substring(0, block.lastIndexOf("\n}") + 3);
  }

  /** Makes the member's certificate, or a newer one. */
  void member(String name) {
    sh(functions(block(1)) + "\nmember " + name + " IP:127.0.0.1,DNS:localhost");
  }

  /** Makes a client's certificate. */
  void client(String name) {
    sh(functions(block(2)) + "\nclient " + name);
  }

  /** Makes a member's certificate that has ended; {@code file} is its name here. */
  void expired(String name, String file) {
    sh(
        functions(block(1)).replace("-days 365", "-days -1")
            + "\nmember "
            + name
            + " IP:127.0.0.1\nmv "
            + name
            + ".crt "
            + file
            + ".crt; mv "
            + name
            + ".key "
            + file
            + ".key");
  }

  /** A file of this directory. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /** Puts the certificate {@code name} where the node's file says it is. */
  void install(String name, RealNode node) {
    try {
      Path target = Files.createDirectories(node.directory().resolve("tls"));
      for (String kind : List.of("key", "crt")) {
        Path made = target.resolve("member." + kind + ".new");
        Files.copy(file(name + "." + kind), made, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
        Unprivileged.own(target);
        Files.move(made, target.resolve("member." + kind), StandardCopyOption.REPLACE_EXISTING);
      }
      Files.copy(file("ca.crt"), target.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
      Unprivileged.own(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines of a node's file that secure its ports and open one for etcd's clients. */
  static String settings(RealNode node) {
    Path tls = node.directory().resolve("tls");
    return """
    tls: {cert_file: %s, key_file: %s, ca_file: %s}
    etcd_api: {listen: "%s:%d"}
    """
        .formatted(
            tls.resolve("member.crt"),
            tls.resolve("member.key"),
            tls.resolve("ca.crt"),
            node.address(),
            node.etcdPort());
  }

  /** A client that trusts this authority and shows nothing. */
  SSLContext trusting() {
    return context(new javax.net.ssl.KeyManager[0], trusted());
  }

  /** A client that shows the certificate {@code name} and trusts {@code managers}. */
  SSLContext showing(String name, X509ExtendedTrustManager trust) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, NO_PASSWORD);
      String pem = Files.readString(file(name + ".key"));
      byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
      store.setKeyEntry(
          "own",
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
          NO_PASSWORD,
          new Certificate[] {certificate(file(name + ".crt"))});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      return context(keys.getKeyManagers(), new TrustManager[] {trust});
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private TrustManager[] trusted() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, NO_PASSWORD);
      store.setCertificateEntry("authority", certificate(file("ca.crt")));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext context(javax.net.ssl.KeyManager[] keys, TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private void sh(String commands) {
    try {
      Process process =
          new ProcessBuilder("sh", "-eu", "-c", commands)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(commands + "\n" + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
