package io.quorate.store.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** The end of a log that no server uses now, and the latest configuration in it. */
final class LogTail {
  /** Of a group's directory. */
  static final String CURRENT = "current";

  private long term;
  private long index = -1;
  private long configurationIndex = -2;
  private RaftConfigurationProto configuration = RaftConfigurationProto.getDefaultInstance();
  private Optional<Instant> written = Optional.empty();

  private LogTail() {}

  /**
   * Reads it.
   *
   * @param endOnly whether only the last file is to be read
   * @throws StoreRefusedException when it is damaged
   */
  static LogTail read(Path group, boolean endOnly) throws IOException {
    LogTail tail = new LogTail();
    List<LogSegmentPath> segments = segments(group.resolve(CURRENT));
    int from = endOnly ? Math.max(0, segments.size() - 1) : 0;
    for (LogSegmentPath segment : segments.subList(from, segments.size())) {
      Path file = segment.getPath();
      tail.written = Optional.of(Files.getLastModifiedTime(file).toInstant());
      tail.index = Math.max(tail.index, first(segment) - 1);
      try {
        LogSegment.readSegmentFile(
            file.toFile(),
            segment.getStartEnd(),
            SizeInBytes.valueOf(RatisSettings.ENTRY_BYTES),
            CorruptionPolicy.EXCEPTION,
            null,
            tail::took);
      } catch (IOException | IllegalStateException e) {
        throw new StoreRefusedException(
            "raft.data_dir: %s cannot be read: %s. Recover from another member that is left"
                .formatted(file, e.getMessage()),
            e);
      }
    }
    LogFiles.lastSnapshot(group)
        .filter(snapshot -> snapshot.index() > tail.index)
        .ifPresent(snapshot -> {
          tail.index = snapshot.index();
          tail.term = snapshot.term();
        });
    return tail;
  }

  private static List<LogSegmentPath> segments(Path dir) throws IOException {
    List<LogSegmentPath> segments = new ArrayList<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        LogSegmentPath segment = LogSegmentPath.matchLogSegment(file);
        if (segment != null) {
          segments.add(segment);
        }
      }
    }
    segments.sort(Comparator.comparingLong(LogTail::first));
    return segments;
  }

  private static long first(LogSegmentPath segment) {
    return LogFiles.firstIndex(segment.getPath()).orElse(0);
  }

  private void took(LogEntryProto entry) {
    configuration(entry);
    if (entry.getIndex() >= index) {
      index = entry.getIndex();
      term = entry.getTerm();
    }
  }

  /** A configuration, if it is one, that need not be in the log any more. */
  void configuration(LogEntryProto entry) {
    if (entry.hasConfigurationEntry() && entry.getIndex() > configurationIndex) {
      configurationIndex = entry.getIndex();
      configuration = entry.getConfigurationEntry();
    }
  }

  /** Term of the last entry. */
  long term() {
    return term;
  }

  /** Index of the last entry; -1 where there is none. */
  long index() {
    return index;
  }

  /** When the last file was written to. */
  Optional<Instant> written() {
    return written;
  }

  /** The voters of the latest configuration, of both halves while it changes. */
  List<RaftPeerProto> peers() {
    List<RaftPeerProto> peers = new ArrayList<>(configuration.getPeersList());
    peers.addAll(configuration.getOldPeersList());
    return peers;
  }
}
