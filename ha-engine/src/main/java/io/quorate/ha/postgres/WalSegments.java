package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of pg_wal along one history, page by page. For each segment the file of the newest
 * timeline that had begun by then counts, as in PostgreSQL's recovery: at a fork the new timeline's
 * segment begins with a copy of the old one's.
 */
final class WalSegments implements AutoCloseable {

  static final int PAGE = 8192;

  private final Path walDir;
  private final int segmentBytes;
  private final List<Stretch> stretches;
  private long openSegment = -1;
  private @Nullable FileChannel channel;

  /** A timeline of the history, and where its WAL begins. Oldest first. */
  record Stretch(TimelineId timeline, Lsn begin) {}

  WalSegments(Path walDir, int segmentBytes, List<Stretch> stretches) {
    this.walDir = walDir;
    this.segmentBytes = segmentBytes;
    this.stretches = List.copyOf(stretches);
  }

  int segmentBytes() {
    return segmentBytes;
  }

  /** The timeline that {@code lsn} belongs to. */
  TimelineId timelineAt(Lsn lsn) {
    TimelineId found = stretches.getFirst().timeline();
    for (Stretch stretch : stretches) {
      if (stretch.begin().compareTo(lsn) <= 0) {
        found = stretch.timeline();
      }
    }
    return found;
  }

  boolean knows(int timeline) {
    return stretches.stream().anyMatch(stretch -> stretch.timeline().value() == timeline);
  }

  long segmentOf(Lsn lsn) {
    return Long.divideUnsigned(lsn.value(), segmentBytes);
  }

  /** The file that holds a segment; empty where there is none. */
  Optional<Path> file(long segment) {
    for (Stretch stretch : stretches.reversed()) {
      if (Long.compareUnsigned(segmentOf(stretch.begin()), segment) <= 0) {
        Path file = walDir.resolve(name(stretch.timeline(), segment));
        if (Files.exists(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  private String name(TimelineId timeline, long segment) {
    long perId = 0x1_0000_0000L / segmentBytes;
    return String.format(
        Locale.ROOT,
        "%08X%08X%08X",
        timeline.value(),
        Long.divideUnsigned(segment, perId),
        Long.remainderUnsigned(segment, perId));
  }

  /**
   * The page that begins at {@code start}; empty where there is no such file or it is too short.
   */
  Optional<ByteBuffer> page(Lsn start) throws IOException {
    long segment = segmentOf(start);
    FileChannel open = channel;
    if (segment != openSegment || open == null) {
      close();
      Optional<Path> file = file(segment);
      if (file.isEmpty()) {
        return Optional.empty();
      }
      open = FileChannel.open(file.get(), StandardOpenOption.READ);
      channel = open;
      openSegment = segment;
    }
    ByteBuffer page = ByteBuffer.allocate(PAGE).order(ByteOrder.nativeOrder());
    long offset = Long.remainderUnsigned(start.value(), segmentBytes);
    while (page.hasRemaining()) {
      if (open.read(page, offset + page.position()) < 0) {
        return Optional.empty();
      }
    }
    return Optional.of(page.flip());
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    openSegment = -1;
    if (open != null) {
      open.close();
    }
  }
}
