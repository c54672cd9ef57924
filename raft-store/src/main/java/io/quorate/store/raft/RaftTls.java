package io.quorate.store.raft;

import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Mutual TLS for the Raft port. The managers may change what they hold while the server runs.
 *
 * @param key this member's certificate, for both ends
 * @param trust judges the other members' certificates, on both ends
 * @param member the name of the member that a certificate speaks for; what another member sends in
 *     somebody else's name is refused
 * @param refused is told whom, by name, and why, each time; it has to keep the log readable
 */
public record RaftTls(
    X509ExtendedKeyManager key,
    X509ExtendedTrustManager trust,
    Function<X509Certificate, Optional<String>> member,
    BiConsumer<String, String> refused) {}
