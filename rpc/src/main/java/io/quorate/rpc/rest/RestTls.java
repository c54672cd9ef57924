package io.quorate.rpc.rest;

import io.netty.handler.ssl.SslContext;

/**
 * How the REST port is secured.
 *
 * @param context what each connection is secured with
 * @param changesNeedCertificate whether who changes something has to show a certificate; who only
 *     looks need not (Patroni's {@code verify_client: optional})
 */
public record RestTls(SslContext context, boolean changesNeedCertificate) {}
