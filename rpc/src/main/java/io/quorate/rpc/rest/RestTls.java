package io.quorate.rpc.rest;

import io.quorate.rpc.tls.SecuredPort;

/**
 * How the REST port is secured.
 *
 * @param port what each connection is secured with
 * @param changesNeedCertificate whether who changes something has to show a certificate; who only
 *     looks need not (Patroni's {@code verify_client: optional})
 */
public record RestTls(SecuredPort port, boolean changesNeedCertificate) {}
