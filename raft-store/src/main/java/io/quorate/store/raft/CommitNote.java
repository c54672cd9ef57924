package io.quorate.store.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * An entry of the log that is known to be committed, noted beside the log. A member that starts
 * alone shows what it had applied up to there, before it has heard of a leader.
 *
 * <p>Term and index name one entry for all time: a log that holds it equals every other one up to
 * it, and all of that is committed. So a note may be old, and the log may be another copy than it
 * was, but what it says of a log that holds the entry is right. It needs no sync: one that is lost,
 * or half written, is none.
 *
 * @param term above 0
 * @param index at least 0
 */
record CommitNote(long term, long index) {
  /** Of a group's directory. */
  private static final String FILE = "commit-note";

  private static final String FORMAT = "1";
  private static final Pattern LINE = Pattern.compile("1 (\\d{1,19}) (\\d{1,19}) ([0-9a-f]{8})\n");

  /** The note beside the log of a group; empty where there is none that can be read. */
  static Optional<CommitNote> read(Path group) {
    try {
      Matcher line =
          LINE.matcher(
              new String(Files.readAllBytes(group.resolve(FILE)), StandardCharsets.US_ASCII));
      if (!line.matches()) {
        return Optional.empty();
      }
      CommitNote note =
          new CommitNote(Long.parseLong(line.group(1)), Long.parseLong(line.group(2)));
      return Optional.of(note).filter(read -> read.line().equals(line.group()));
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  /** Writes it beside the log of a group. May block; not synced. */
  void write(Path group) throws IOException {
    Files.writeString(group.resolve(FILE), line(), StandardCharsets.US_ASCII);
  }

  private String line() {
    String said = "%s %d %d".formatted(FORMAT, term, index);
    CRC32C sum = new CRC32C();
    sum.update(said.getBytes(StandardCharsets.US_ASCII));
    return "%s %08x\n".formatted(said, sum.getValue());
  }
}
