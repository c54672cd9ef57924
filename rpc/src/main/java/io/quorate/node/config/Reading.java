package io.quorate.node.config;

import java.util.Optional;

/** What a part of the file was read as: nothing when it had an error, which is recorded then. */
final class Reading {

  private Reading() {}

  /** {@code connect_address}, else the address listened on, which then must be a definite one. */
  static Optional<HostPort> connectAddress(
      Section section, Optional<HostPort> listen, Optional<Integer> defaultPort) {
    if (section.has("connect_address")) {
      Optional<HostPort> given = section.hostPort("connect_address", defaultPort);
      if (given.filter(HostPort::isWildcard).isPresent()) {
        section.error(
            "connect_address",
            "is what others connect to and must be one address of this host, not "
                + given.get().host());
        return Optional.empty();
      }
      return given;
    }
    if (listen.filter(HostPort::isWildcard).isPresent()) {
      section.error(
          "connect_address",
          "is required, because listen ("
              + listen.get()
              + ") does not say under which address others reach this host");
      return Optional.empty();
    }
    return listen;
  }

  /** Refuses a listener off loopback unless plain text was asked for by name. */
  static void requirePlaintextSetting(
      Section root, Section section, String key, Optional<HostPort> listen) {
    if (listen.isEmpty()
        || listen.get().isLoopback()
        || TlsReader.secures(root, section)
        || section.has("certfile")
        || section.flag("insecure_plaintext", root.flag("insecure_plaintext", false))) {
      return;
    }
    section.error(
        key,
        listen.get()
            + " is reachable from other hosts and would speak plain text: give the file a 'tls'"
            + " section, listen on 127.0.0.1, or accept it with 'insecure_plaintext: true', here or"
            + " at the top of the file");
  }
}
