package io.quorate.rpc.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Addresses that share their first {@code bits} bits.
 *
 * @param network 4 or 16 bytes, the rest after {@code bits} being zero
 */
public record AddressRange(InetAddress network, int bits) {

  /** Checks the width. */
  public AddressRange {
    if (bits < 0 || bits > network.getAddress().length * 8) {
      throw new IllegalArgumentException(
          "'/" + bits + "' is too wide for the address " + network.getHostAddress());
    }
  }

  /**
   * Reads {@code ADDRESS}, {@code ADDRESS/BITS} or a host name, which is resolved now.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    try {
      InetAddress address = InetAddress.getByName(host);
      int width = address.getAddress().length * 8;
      int bits = slash < 0 ? width : Integer.parseInt(text.substring(slash + 1));
      return new AddressRange(InetAddress.getByAddress(masked(address.getAddress(), bits)), bits);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + host + "' is no address and cannot be resolved", e);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not ADDRESS/BITS", e);
    }
  }

  /** Whether {@code address} lies within. */
  public boolean contains(InetAddress address) {
    byte[] other = address.getAddress();
    return other.length == network.getAddress().length
        && Arrays.equals(masked(other, bits), network.getAddress());
  }

  private static byte[] masked(byte[] address, int bits) {
    byte[] masked = address.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(bits - 8L * i, 0, 8);
      masked[i] &= (byte) (0xff << (8 - kept));
    }
    return masked;
  }
}
