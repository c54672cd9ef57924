package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code postmaster.pid}.
 *
 * @param standalone whether it is that of a stand-alone backend, as initdb and pg_rewind run them
 *     one after the other: no server
 * @param socketDir first directory of its unix sockets, empty for none
 * @param listenAddress first address listened on, empty for none
 * @param status {@code starting}, {@code stopping}, {@code ready}, {@code standby} (up, but not yet
 *     for connections), or empty where not written yet
 * @see <a href="https://www.postgresql.org/docs/15/storage-file-layout.html">file layout</a>
 */
record PidFile(
    long pid, boolean standalone, int port, String socketDir, String listenAddress, String status) {

  static final String NAME = "postmaster.pid";

  /** Reads it; empty where there is none or it is half written. */
  static Optional<PidFile> read(Path dataDir) {
    try {
      List<String> lines = Files.readAllLines(dataDir.resolve(NAME));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      // A stand-alone backend writes its number negated.
      long number = Long.parseLong(line(lines, 0));
      String port = line(lines, 3);
      return Optional.of(
          new PidFile(
              Math.abs(number),
              number < 0,
              port.isEmpty() ? 0 : Integer.parseInt(port),
              line(lines, 4),
              line(lines, 5),
              line(lines, 7)));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean ready() {
    return status.equals("ready");
  }

  private static String line(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index).strip() : "";
  }
}
