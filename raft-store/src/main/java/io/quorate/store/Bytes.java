package io.quorate.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte string, ordered as etcd orders keys: byte by byte, unsigned, shorter first. */
public final class Bytes implements Comparable<Bytes> {

  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] data;

  private Bytes(byte[] data) {
    this.data = data;
  }

  /** A copy of {@code data}. */
  public static Bytes of(byte[] data) {
    return data.length == 0 ? EMPTY : new Bytes(data.clone());
  }

  /** The UTF-8 form of {@code text}. */
  public static Bytes utf8(String text) {
    return text.isEmpty() ? EMPTY : new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Number of bytes. */
  public int size() {
    return data.length;
  }

  /** The byte at {@code index}, 0-based. */
  public byte at(int index) {
    return data[index];
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return data.clone();
  }

  /** The bytes read as UTF-8 (malformed input becomes U+FFFD). */
  public String toUtf8() {
    return new String(data, StandardCharsets.UTF_8);
  }

  /** Whether these bytes begin with {@code prefix}. */
  public boolean startsWith(Bytes prefix) {
    return data.length >= prefix.data.length
        && Arrays.equals(data, 0, prefix.data.length, prefix.data, 0, prefix.data.length);
  }

  /**
   * The smallest key above every key with this prefix, as etcd's clients compute {@code range_end};
   * a prefix of 0xff bytes only gives the single byte 0, etcd's "to the end of the key space".
   */
  public Bytes prefixEnd() {
    for (int i = data.length - 1; i >= 0; i--) {
      if (data[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(data, i + 1);
        end[i]++;
        return new Bytes(end);
      }
    }
    return new Bytes(new byte[] {0});
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(data, other.data);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(data);
  }

  /** The text where the bytes are printable ASCII, else hex. */
  @Override
  public String toString() {
    for (byte b : data) {
      if (b < 0x20 || b > 0x7e) {
        return "0x" + HexFormat.of().formatHex(data);
      }
    }
    return new String(data, StandardCharsets.US_ASCII);
  }
}
