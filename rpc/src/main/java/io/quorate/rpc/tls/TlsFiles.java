package io.quorate.rpc.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * PEM files of one end of a connection.
 *
 * @param certificate own certificate, then those between it and the authority's
 * @param key its private key, PKCS #8 without a password
 * @param authority certificates of the authorities that peers' certificates are signed by; empty:
 *     no peer is asked for one
 * @param setting where in the configuration these are given, such as {@code tls}
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> authority, Setting setting) {

  /** What the settings are called, for messages. */
  public record Setting(String certificate, String key, String authority) {

    /** The agent's own section. */
    public static final Setting TLS = new Setting("tls.cert_file", "tls.key_file", "tls.ca_file");

    /** Patroni's names for the REST API's. */
    public static final Setting RESTAPI =
        new Setting("restapi.certfile", "restapi.keyfile", "restapi.cafile");

    /** Patroni's names for the command line's. */
    public static final Setting CTL = new Setting("ctl.certfile", "ctl.keyfile", "ctl.cacert");

    /** The command line's options. */
    public static final Setting OPTIONS = new Setting("--cert", "--key", "--cacert");
  }
}
