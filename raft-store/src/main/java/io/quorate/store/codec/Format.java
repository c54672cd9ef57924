package io.quorate.store.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.quorate.store.codec.CodecException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The format byte and what follows it. */
final class Format {
  /** The one format there is. */
  static final byte CURRENT = 1;

  /** Twice the deepest nesting that a valid transaction can have, and some. */
  private static final int RECURSION_MAX = 600;

  private Format() {}

  static byte[] encode(MessageLite message) {
    byte[] bytes = new byte[1 + message.getSerializedSize()];
    bytes[0] = CURRENT;
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 1, bytes.length - 1);
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("an array of the right size was too small", e);
    }
    return bytes;
  }

  static <M extends MessageLite> M decode(byte[] bytes, Parser<M> parser, String what)
      throws CodecException {
    if (bytes.length == 0) {
      throw new CodecException(Kind.CORRUPT, "an empty " + what);
    }
    check(bytes[0], what);
    return parse(bytes, 1, parser, what);
  }

  static void check(int format, String what) throws CodecException {
    if (format != CURRENT) {
      throw new CodecException(
          Kind.UNKNOWN_FORMAT,
          "a %s of format %d; this version knows format %d only: upgrade this member"
              .formatted(what, format, CURRENT));
    }
  }

  static <M extends MessageLite> M parse(byte[] bytes, int offset, Parser<M> parser, String what)
      throws CodecException {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes, offset, bytes.length - offset);
      in.setRecursionLimit(RECURSION_MAX);
      return parser.parseFrom(in);
    } catch (IOException e) {
      throw new CodecException(Kind.CORRUPT, "a damaged " + what, e);
    }
  }
}
