package io.quorate.rpc.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which member a certificate speaks for: a URI among its alternative names, {@code
 * quorate://SCOPE/NAME} (RFC 5280, section 4.2.1.6). A certificate without one belongs to a client,
 * whatever else it is called.
 *
 * @param scope the cluster
 * @param name the member
 */
public record MemberIdentity(String scope, String name) {

  private static final String SCHEME = "quorate://";

  /** The kind of an alternative name that is a URI. */
  private static final int URI_NAME = 6;

  /** As it stands in a certificate. */
  public String uri() {
    return SCHEME + scope + "/" + name;
  }

  /** Whether the certificate speaks for this member. */
  public boolean isIn(X509Certificate certificate) {
    return uris(certificate).contains(uri());
  }

  /** The member of {@code scope} that the certificate speaks for, if it does. */
  public static Optional<String> nameIn(X509Certificate certificate, String scope) {
    String prefix = SCHEME + scope + "/";
    List<String> names =
        uris(certificate).stream()
            .filter(uri -> uri.startsWith(prefix))
            .map(uri -> uri.substring(prefix.length()))
            .toList();
    // One that speaks for several would be whichever suits.
    return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
  }

  private static List<String> uris(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.size() > 1 && Integer.valueOf(URI_NAME).equals(name.get(0)))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
