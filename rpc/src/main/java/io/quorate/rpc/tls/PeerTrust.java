package io.quorate.rpc.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Judges peers: first their certificate's path, by the library, then whom it speaks for. */
final class PeerTrust extends X509ExtendedTrustManager {

  /** Judges whom a certificate speaks for that is signed as it should be. */
  interface Judge {

    /**
     * Refuses with an exception.
     *
     * @param engine the connection; {@code null} where the caller has none
     */
    void judge(X509Certificate peer, @Nullable SSLEngine engine) throws CertificateException;
  }

  private final X509ExtendedTrustManager path;
  private final Judge judge;
  private final Refusals refusals;

  PeerTrust(X509ExtendedTrustManager path, Judge judge, Refusals refusals) {
    this.path = path;
    this.judge = judge;
    this.refusals = refusals;
  }

  private interface Check {
    void run() throws CertificateException;
  }

  private void check(X509Certificate[] chain, @Nullable SSLEngine engine, Check check)
      throws CertificateException {
    try {
      check.run();
      judge.judge(chain[0], engine);
    } catch (CertificateException e) {
      String who =
          chain == null || chain.length == 0
              ? "without certificate"
              : chain[0].getSubjectX500Principal().getName();
      refusals.say(who, root(e));
      throw e;
    }
  }

  private static String root(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, engine, () -> path.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, engine, () -> path.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, null, () -> path.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, null, () -> path.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, null, () -> path.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, null, () -> path.checkServerTrusted(chain, type));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return path.getAcceptedIssuers();
  }
}
