package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL logged since a start: its output file in the agent's directory, and the logging
 * collector's current file where it has one.
 */
final class LogTail {

  private static final long ROTATE_AT = 16L * 1024 * 1024;
  private static final int READ_MAX = 32 * 1024;

  /** Not what is said to clients that come too early or too late. */
  private static final Pattern FATAL =
      Pattern.compile("(FATAL|PANIC): ++(?!the database system is )");

  private final Path log;
  private final Path dataDir;
  private final long from;

  /** The logging collector's file at the start, and its length then; it may write into another. */
  private final @Nullable Path collectedBefore;

  private final long collectedFrom;

  private LogTail(Path log, Path dataDir, long from, boolean sinceNow) {
    this.log = log;
    this.dataDir = dataDir;
    this.from = from;
    this.collectedBefore = sinceNow ? collector(dataDir) : null;
    this.collectedFrom = collectedBefore == null ? 0 : size(collectedBefore);
  }

  /** Remembers where {@code log} ends now; one that has grown large is kept as {@code .1}. */
  static LogTail begin(Path log, Path dataDir) {
    try {
      long size = Files.exists(log) ? Files.size(log) : 0;
      if (size > ROTATE_AT) {
        Files.move(
            log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        size = 0;
      }
      return new LogTail(log, dataDir, size, true);
    } catch (IOException e) {
      return new LogTail(log, dataDir, 0, true);
    }
  }

  /** What was logged last, whoever started the server. */
  static String end(Path log, Path dataDir) {
    LogTail tail = new LogTail(log, dataDir, 0, false);
    String collected = tail.collectorFile();
    return collected.isEmpty() ? read(log, 0) : collected;
  }

  /** All that was logged, its end where it is long. */
  String text() {
    String collected = collectorFile();
    return collected.isEmpty() ? read(log, from) : read(log, from) + "\n" + collected;
  }

  /** The last {@code lines} lines, on one line. */
  String tail(int lines) {
    String own = last(read(log, from), lines);
    String collected = collectorFile();
    return collected.isEmpty() ? own : own + " | " + last(collected, lines);
  }

  private String collectorFile() {
    Path file = collector(dataDir);
    return file == null ? "" : read(file, file.equals(collectedBefore) ? collectedFrom : 0);
  }

  private static @Nullable Path collector(Path dataDir) {
    try {
      for (String line : Files.readAllLines(dataDir.resolve("current_logfiles"))) {
        if (line.startsWith("stderr ")) {
          return dataDir.resolve(line.substring("stderr ".length()));
        }
      }
    } catch (IOException e) {
      // No logging collector, or nothing written yet: the output file says what there is to say.
    }
    return null;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static String read(Path file, long from) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long begin = Math.max(from, channel.size() - READ_MAX);
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - begin));
      while (bytes.hasRemaining() && channel.read(bytes, begin + bytes.position()) >= 0) {
        // Reads until full or at the end.
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "(" + file + " cannot be read: " + e.getMessage() + ")";
    }
  }

  /** The last {@code lines} lines of {@code text}, on one line. */
  static String last(String text, int lines) {
    List<String> all = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    int from = Math.max(0, all.size() - lines);
    String end = String.join(" | ", all.subList(from, all.size()));
    // PostgreSQL says why it ends, and then at length that it does.
    return FATAL.matcher(end).find()
        ? end
        : all.subList(0, from).stream()
            .filter(line -> FATAL.matcher(line).find())
            .reduce((_, later) -> later)
            .map(fatal -> fatal + " | " + end)
            .orElse(end);
  }
}
