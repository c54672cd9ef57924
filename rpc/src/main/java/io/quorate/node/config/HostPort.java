package io.quorate.node.config;

import java.util.Optional;

/**
 * {@code host:port}. An IPv6 address stands in brackets in text and without them in {@link #host}.
 *
 * @param host name or address; {@code *} for all addresses of a listener
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

  /** Checks the range of the port. */
  public HostPort {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535, is " + port);
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host is missing");
    }
  }

  /**
   * Reads {@code host:port}, or {@code host} where {@code defaultPort} is given. An empty host is
   * {@code *}, as in Patroni.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static HostPort parse(String text, Optional<Integer> defaultPort) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    boolean hasPort =
        colon >= 0 && (bracketed ? text.charAt(colon - 1) == ']' : text.indexOf(':') == colon);
    if (!hasPort && !bracketed && colon >= 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is ambiguous: write an IPv6 address in brackets, [" + text + "]:PORT");
    }
    if (!hasPort && defaultPort.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' has no port: write " + text + ":PORT");
    }
    String host = hasPort ? text.substring(0, colon) : text;
    if (bracketed) {
      if (!host.endsWith("]")) {
        throw new IllegalArgumentException("'" + text + "' lacks the closing bracket");
      }
      host = host.substring(1, host.length() - 1);
    }
    int port = hasPort ? port(text.substring(colon + 1)) : defaultPort.orElseThrow();
    return new HostPort(host.isEmpty() ? "*" : host, port);
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("port must be a number, is '" + text + "'", e);
    }
  }

  /** Whether only this machine can reach it. A name other than localhost counts as no. */
  public boolean isLoopback() {
    return host.equalsIgnoreCase("localhost")
        || host.matches("127(\\.[0-9]{1,3}){3}")
        || host.equals("::1");
  }

  /** Whether it means every address of the machine. */
  public boolean isWildcard() {
    return host.equals("*") || host.equals("0.0.0.0") || host.equals("::");
  }

  /** Same host, the port so much higher. */
  HostPort plus(int offset) {
    return new HostPort(host, port + offset);
  }

  /** Whether two listeners there would collide. */
  boolean overlaps(HostPort other) {
    return port == other.port && (host.equals(other.host) || isWildcard() || other.isWildcard());
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
