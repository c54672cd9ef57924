package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads records one after another until one is not valid, by PostgreSQL's own rules: page headers,
 * lengths, the link to the record before, the checksum. The layout is that of PostgreSQL 9.5 to 18
 * (access/xlogrecord.h, access/xlog_internal.h).
 */
final class WalReader {

  private static final int SHORT_HEADER = 24;
  private static final int LONG_HEADER = 40;
  private static final int RECORD_HEADER = 24;
  private static final int CRC_OFFSET = 20;
  private static final int RECORD_MAX = 1020 * 1024 * 1024;

  private static final int CONTINUES = 0x1;
  private static final int LONG = 0x2;
  private static final int OVERWRITES = 0x8;
  private static final int ALL_FLAGS = 0xF;

  private static final int RM_XLOG = 0;
  private static final int XLOG_SWITCH = 0x40;
  private static final int OPERATION_MASK = 0xF0;

  private final WalSegments segments;
  private final long systemIdentifier;
  private Lsn position;
  private Lsn previous = Lsn.INVALID;
  private int magic;
  private int pageTimeline;
  private Lsn newestPage = Lsn.INVALID;
  private Optional<Page> current = Optional.empty();
  private String problem = "";

  /**
   * A valid record.
   *
   * @param end where the next may begin: PostgreSQL's end of the record, which at the end of a page
   *     is the page's end, before the next header
   * @param info upper four bits: the operation, in the resource manager's own terms
   */
  record WalRecord(Lsn start, Lsn end, int resourceManager, int info) {
    /** The commit of a transaction, also of a prepared one. */
    boolean commit() {
      int operation = info & 0x70;
      return resourceManager == 1 && (operation == 0x00 || operation == 0x30);
    }
  }

  private record Page(Lsn start, ByteBuffer bytes, int flags, int header, int remaining) {}

  /** Begins at {@code from}, which is a record's start or a page's. */
  WalReader(WalSegments segments, long systemIdentifier, Lsn from) {
    this.segments = segments;
    this.systemIdentifier = systemIdentifier;
    this.position = from;
  }

  /** Where the last valid record ended; where it began, before the first. */
  Lsn position() {
    return position;
  }

  /** Why there was no further record. */
  String problem() {
    return problem;
  }

  /** The next record; empty at the end of valid WAL. */
  Optional<WalRecord> next() throws IOException {
    Lsn at = position;
    while (true) {
      Optional<Page> first = page(at);
      if (first.isEmpty()) {
        return Optional.empty();
      }
      Page page = first.get();
      int offset = offset(at);
      if (offset == 0) {
        at = plus(at, page.header());
        offset = page.header();
      } else if (offset < page.header()) {
        return end("invalid record offset at " + at);
      }
      if ((page.flags() & CONTINUES) != 0 && offset == page.header()) {
        return end("contrecord is requested by " + at);
      }
      Assembly assembly = new Assembly(at, page, offset);
      if (!assembly.complete()) {
        if (assembly.overwrittenAt().isEmpty()) {
          return Optional.empty();
        }
        // The record was never finished; its writer went on at the next page.
        at = assembly.overwrittenAt().get();
        continue;
      }
      return assembly.check();
    }
  }

  private Optional<WalRecord> end(String why) {
    problem = why;
    return Optional.empty();
  }

  private Optional<Page> page(Lsn within) throws IOException {
    Lsn start = new Lsn(within.value() - offset(within));
    if (current.filter(page -> page.start().equals(start)).isPresent()) {
      return current;
    }
    Optional<ByteBuffer> read = segments.page(start);
    if (read.isEmpty()) {
      problem = "no segment with " + start;
      return Optional.empty();
    }
    ByteBuffer bytes = read.get();
    int flags = bytes.getShort(2) & 0xffff;
    int timeline = bytes.getInt(4);
    boolean segmentStart = Long.remainderUnsigned(start.value(), segments.segmentBytes()) == 0;
    String wrong = "";
    if (bytes.getShort(0) == 0 || (magic != 0 && bytes.getShort(0) != magic)) {
      wrong = "magic number";
    } else if ((flags & ~ALL_FLAGS) != 0 || (segmentStart && (flags & LONG) == 0)) {
      wrong = "flags";
    } else if (bytes.getLong(8) != start.value()) {
      wrong = "address";
    } else if (!segments.knows(timeline)
        || (newestPage.compareTo(start) < 0 && timeline < pageTimeline)) {
      wrong = "timeline " + timeline;
    } else if ((flags & LONG) != 0
        && (bytes.getLong(24) != systemIdentifier
            || bytes.getInt(32) != segments.segmentBytes()
            || bytes.getInt(36) != WalSegments.PAGE)) {
      wrong = "system identifier or sizes";
    }
    if (!wrong.isEmpty()) {
      problem = "the page at " + start + " has a wrong " + wrong;
      return Optional.empty();
    }
    magic = bytes.getShort(0);
    if (newestPage.compareTo(start) < 0) {
      newestPage = start;
      pageTimeline = timeline;
    }
    int header = (flags & LONG) != 0 ? LONG_HEADER : SHORT_HEADER;
    current = Optional.of(new Page(start, bytes, flags, header, bytes.getInt(16)));
    return current;
  }

  private static int offset(Lsn lsn) {
    return (int) (lsn.value() & (WalSegments.PAGE - 1));
  }

  private static Lsn plus(Lsn lsn, long bytes) {
    return new Lsn(lsn.value() + bytes);
  }

  private static long aligned(long length) {
    return (length + 7) & ~7L;
  }

  /** A record's bytes, gathered over as many pages as it takes. */
  private final class Assembly {
    private final Lsn start;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private Optional<Lsn> overwrittenAt = Optional.empty();
    private Lsn recordEnd = Lsn.INVALID;
    private final boolean complete;

    Assembly(Lsn start, Page page, int offset) throws IOException {
      this.start = start;
      this.complete = gather(page, offset);
    }

    boolean complete() {
      return complete;
    }

    Optional<Lsn> overwrittenAt() {
      return overwrittenAt;
    }

    private boolean gather(Page first, int offset) throws IOException {
      int total = first.bytes().getInt(offset);
      if (total < RECORD_HEADER || total > RECORD_MAX) {
        problem = "invalid record length at " + start + ": " + Integer.toUnsignedString(total);
        return false;
      }
      int taken = take(first, offset, total);
      recordEnd = plus(start, aligned(taken));
      Page page = first;
      while (taken < total) {
        Optional<Page> following = page(plus(page.start(), WalSegments.PAGE));
        if (following.isEmpty()) {
          return false;
        }
        page = following.get();
        if ((page.flags() & OVERWRITES) != 0) {
          overwrittenAt = Optional.of(page.start());
          return false;
        }
        if ((page.flags() & CONTINUES) == 0 || page.remaining() != total - taken) {
          problem = "the record at " + start + " does not continue at " + page.start();
          return false;
        }
        int more = take(page, page.header(), total - taken);
        taken += more;
        recordEnd = plus(page.start(), page.header() + aligned(more));
      }
      return true;
    }

    private int take(Page page, int offset, int wanted) {
      int length = Math.min(wanted, WalSegments.PAGE - offset);
      byte[] part = new byte[length];
      page.bytes().get(offset, part);
      gathered.writeBytes(part);
      return length;
    }

    Optional<WalRecord> check() {
      byte[] all = gathered.toByteArray();
      ByteBuffer record = ByteBuffer.wrap(all).order(ByteOrder.nativeOrder());
      Lsn link = new Lsn(record.getLong(8));
      boolean linked =
          previous.equals(Lsn.INVALID) ? link.compareTo(start) < 0 : link.equals(previous);
      if (!linked) {
        return end("the record at " + start + " links to " + link + ", not to " + previous);
      }
      CRC32C crc = new CRC32C();
      crc.update(all, RECORD_HEADER, all.length - RECORD_HEADER);
      crc.update(all, 0, CRC_OFFSET);
      if ((int) crc.getValue() != record.getInt(CRC_OFFSET)) {
        return end("the record at " + start + " has a wrong checksum");
      }
      int info = record.get(16) & 0xff;
      int resourceManager = record.get(17) & 0xff;
      Lsn next = recordEnd;
      if (resourceManager == RM_XLOG && (info & OPERATION_MASK) == XLOG_SWITCH) {
        // The rest of the segment is left empty.
        long begun = next.value() + segments.segmentBytes() - 1;
        next = new Lsn(begun - Long.remainderUnsigned(begun, segments.segmentBytes()));
      }
      previous = start;
      position = next;
      return Optional.of(new WalRecord(start, next, resourceManager, info));
    }
  }
}
