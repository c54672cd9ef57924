package io.quorate.store.raft;

/**
 * A place to listen at or to connect to.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

  /**
   * Reads {@code host:port} or {@code [IPv6]:port}.
   *
   * @param setting the setting the text comes from, for the message
   * @throws IllegalArgumentException when it is neither
   */
  public static HostPort parse(String text, String setting) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    int port = colon < 0 ? 0 : port(text.substring(colon + 1));
    if (host.isBlank() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "%s: '%s' is not host:port (an IPv6 address stands in brackets)"
              .formatted(setting, text));
    }
    return new HostPort(host, port);
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
