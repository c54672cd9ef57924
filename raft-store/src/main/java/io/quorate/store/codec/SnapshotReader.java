package io.quorate.store.codec;

import io.quorate.proto.store.v1.StoreLog;
import io.quorate.proto.store.v1.StoreLog.SnapshotRecord;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import io.quorate.store.codec.CodecException.Kind;
import io.quorate.store.machine.Position;
import io.quorate.store.machine.StateAssembler;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreState;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/** Reads one snapshot. */
final class SnapshotReader {
  private static final String SNAPSHOT = "snapshot";

  private final CRC32C crc = new CRC32C();
  private final DataInputStream in;
  private long session;

  SnapshotReader(InputStream source) {
    this.in = new DataInputStream(new CheckedInputStream(source, crc));
  }

  StoreState read() throws IOException {
    try {
      Format.check(in.readByte(), SNAPSHOT);
      SnapshotRecord first = next();
      if (!first.hasHeader()) {
        throw damaged("it does not begin with a header", null);
      }
      StateAssembler assembler = begin(first.getHeader());
      SnapshotRecord record = next();
      while (!record.hasEnd()) {
        add(record, assembler);
        record = next();
      }
      StoreState state = assembler.build();
      if (state.contentHash() != record.getEnd().getContentHash()) {
        throw damaged("its content is not what was written", null);
      }
      return state;
    } catch (EOFException e) {
      throw damaged("it ends early", e);
    } catch (IllegalArgumentException e) {
      throw damaged("it holds an impossible value", e);
    }
  }

  private SnapshotRecord next() throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw damaged("a record has no possible length", null);
    }
    // Reads in pieces as they come: a length that was damaged cannot ask for memory that the
    // stream does not fill.
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw damaged("it ends early", null);
    }
    int computed = (int) crc.getValue();
    if (in.readInt() != computed) {
      throw damaged("a checksum does not match", null);
    }
    return Format.parse(bytes, 0, SnapshotRecord.parser(), SNAPSHOT);
  }

  private static StateAssembler begin(StoreLog.SnapshotHeader header) {
    StoreLog.Limits limits = header.getLimits();
    return new StateAssembler(
        new Position(header.getTerm(), header.getIndex()),
        new Revision(header.getRevision()),
        new Revision(header.getCompactRevision()),
        header.getLastGeneration(),
        new StoreLimits(
            limits.getValueBytes(),
            limits.getRequestBytes(),
            limits.getOperations(),
            limits.getQuotaBytes(),
            limits.getReserveBytes(),
            limits.getLeases(),
            limits.getHistoryRevisions(),
            limits.getHistoryBytes(),
            limits.getGuards(),
            limits.getSessions(),
            limits.getSessionWindow()));
  }

  private void add(SnapshotRecord record, StateAssembler assembler) throws IOException {
    switch (record.getKindCase()) {
      case LEASE -> {
        StoreLog.SnapshotLease lease = record.getLease();
        assembler.lease(new LeaseId(lease.getId()), lease.getTtlMillis(), lease.getGeneration());
      }
      case GUARD -> assembler.guard(FromProto.bytes(record.getGuard()));
      case SESSION -> {
        session = record.getSession().getId();
        assembler.session(
            session, record.getSession().getFloor(), record.getSession().getLastUse());
      }
      case ANSWER ->
          assembler.answer(
              session,
              record.getAnswer().getSequence(),
              FromProto.result(record.getAnswer().getResult()));
      case KEY -> assembler.key(FromProto.keyValue(record.getKey()));
      case REVISION ->
          assembler.revision(
              new Revision(record.getRevision().getRevision()), changes(record.getRevision()));
      case HEADER, END -> throw damaged("a record is out of place", null);
      case KIND_NOT_SET -> throw FromProto.unknown("snapshot record");
    }
  }

  private static List<WatchEvent> changes(StoreLog.SnapshotRevision revision)
      throws CodecException {
    List<WatchEvent> changes = new ArrayList<>(revision.getChangesCount());
    Revision at = new Revision(revision.getRevision());
    for (StoreLog.Change change : revision.getChangesList()) {
      changes.add(
          switch (change.getKindCase()) {
            case PUT -> new WatchEvent.Put(FromProto.keyValue(change.getPut()), Optional.empty());
            case DELETE -> {
              Bytes key = FromProto.bytes(change.getDelete());
              yield new WatchEvent.Delete(key, at, Optional.empty());
            }
            case KIND_NOT_SET -> throw FromProto.unknown("change");
          });
    }
    return changes;
  }

  private static CodecException damaged(String how, @Nullable Throwable cause) {
    String message =
        "the snapshot is damaged: " + how + "; this member must be given another copy of the store";
    return cause == null
        ? new CodecException(Kind.CORRUPT, message)
        : new CodecException(Kind.CORRUPT, message, cause);
  }
}
