package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code global/pg_control} read without a program, as far as its layout is known: that of
 * PostgreSQL 13 to 16 on 64-bit machines. The checksum at its known place proves the layout, the
 * byte order and a whole read; where it does not fit, {@code pg_controldata} is asked instead.
 *
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_control.h">pg_control.h</a>
 */
final class PgControlFile {

  private static final int VERSION = 1300;
  private static final int CRC_AT = 288;

  /** A server that writes while it is read spoils a read, not the next. */
  private static final int ATTEMPTS = 5;

  /** {@code enum DBState}, by its number, as pg_controldata words it. */
  private static final List<String> STATES =
      List.of(
          "starting up",
          "shut down",
          "shut down in recovery",
          "shutting down",
          "in crash recovery",
          "in archive recovery",
          "in production");

  private PgControlFile() {}

  /** What pg_controldata would say of the fields used; empty where only it can tell. */
  static Optional<Map<String, String>> read(Path dataDir) {
    Path file = dataDir.resolve("global").resolve("pg_control");
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        byte[] read = Files.readAllBytes(file);
        ByteBuffer bytes = ByteBuffer.wrap(read).order(ByteOrder.nativeOrder());
        if (bytes.limit() < CRC_AT + Integer.BYTES || bytes.getInt(8) != VERSION) {
          return Optional.empty();
        }
        if (checksum(read) == bytes.getInt(CRC_AT)) {
          return fields(bytes);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      // The program says what is wrong with it.
      return Optional.empty();
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CRC_AT);
    return (int) crc.getValue();
  }

  private static Optional<Map<String, String>> fields(ByteBuffer bytes) {
    int state = bytes.getInt(16);
    if (state < 0 || state >= STATES.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    values.put("Database system identifier", Long.toUnsignedString(bytes.getLong(0)));
    values.put("Database cluster state", STATES.get(state));
    values.put("Latest checkpoint location", lsn(bytes, 32));
    values.put("Latest checkpoint's REDO location", lsn(bytes, 40));
    values.put("Latest checkpoint's TimeLineID", number(bytes, 48));
    values.put("Min recovery ending loc's timeline", number(bytes, 144));
    values.put("wal_log_hints setting", bytes.get(176) != 0 ? "on" : "off");
    values.put("max_connections setting", number(bytes, 180));
    values.put("max_worker_processes setting", number(bytes, 184));
    values.put("max_wal_senders setting", number(bytes, 188));
    values.put("max_prepared_xacts setting", number(bytes, 192));
    values.put("max_locks_per_xact setting", number(bytes, 196));
    values.put("Bytes per WAL segment", number(bytes, 228));
    values.put("Data page checksum version", number(bytes, 252));
    return Optional.of(values);
  }

  private static String lsn(ByteBuffer bytes, int at) {
    return new Lsn(bytes.getLong(at)).toString();
  }

  private static String number(ByteBuffer bytes, int at) {
    return Integer.toUnsignedString(bytes.getInt(at));
  }
}
