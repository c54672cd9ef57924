package io.quorate.store.codec;

import io.quorate.store.machine.StoreState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * States as bytes, streamed: neither side holds more of the encoded form than one record.
 *
 * <p>Two checks guard a reader. The CRC-32C behind each record covers all bytes so far and finds
 * what storage or transport did to them, before a record is looked at. The hash over the content
 * finds that reader and writer do not mean the same. Nothing is given out before all have passed.
 */
public final class SnapshotCodec {
  private SnapshotCodec() {}

  /** Writes {@code state}; flushes {@code out} and leaves it open. */
  public static void write(StoreState state, OutputStream out) throws IOException {
    new SnapshotWriter(out).write(state);
  }

  /**
   * Reads a state; leaves {@code in} open, positioned behind the snapshot if it does not buffer.
   *
   * @throws CodecException when the snapshot is of an unknown format, truncated or damaged
   */
  public static StoreState read(InputStream in) throws IOException {
    return new SnapshotReader(in).read();
  }
}
