package io.quorate.store.codec;

import io.quorate.proto.store.v1.StoreLog;
import io.quorate.proto.store.v1.StoreLog.SnapshotRecord;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.WatchEvent;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.Lease;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.Sessions;
import io.quorate.store.machine.SortedTree;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreState;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/** Writes one snapshot. */
final class SnapshotWriter {
  private final CRC32C crc = new CRC32C();
  private final DataOutputStream out;

  SnapshotWriter(OutputStream target) {
    this.out = new DataOutputStream(new CheckedOutputStream(new BufferedOutputStream(target), crc));
  }

  void write(StoreState state) throws IOException {
    out.writeByte(Format.CURRENT);
    record(SnapshotRecord.newBuilder().setHeader(header(state)));
    for (SortedTree.Entry<Long, Lease> entry : state.leases().entries()) {
      Lease lease = entry.value();
      record(
          SnapshotRecord.newBuilder()
              .setLease(
                  StoreLog.SnapshotLease.newBuilder()
                      .setId(lease.id().value())
                      .setTtlMillis(lease.ttlMillis())
                      .setGeneration(lease.generation())));
    }
    for (SortedTree.Entry<Bytes, Bytes> guard : state.guards().entries()) {
      record(SnapshotRecord.newBuilder().setGuard(ToProto.bytes(guard.key())));
    }
    for (SortedTree.Entry<Long, Sessions.Session> entry : state.sessions().byId().entries()) {
      session(entry.value());
    }
    for (SortedTree.Entry<Bytes, KeyValue> entry : state.keysBeforeHistory().entries()) {
      record(SnapshotRecord.newBuilder().setKey(ToProto.keyValue(entry.value())));
    }
    for (SortedTree.Entry<Long, RevisionEvents> entry : state.history().revisions().entries()) {
      record(SnapshotRecord.newBuilder().setRevision(revision(entry.value())));
    }
    record(
        SnapshotRecord.newBuilder()
            .setEnd(StoreLog.SnapshotEnd.newBuilder().setContentHash(state.contentHash())));
    out.flush();
  }

  private static StoreLog.SnapshotHeader header(StoreState state) {
    return StoreLog.SnapshotHeader.newBuilder()
        .setTerm(state.position().term())
        .setIndex(state.position().index())
        .setRevision(state.revision().value())
        .setCompactRevision(state.compactRevision().value())
        .setLastGeneration(state.lastGeneration())
        .setLimits(limits(state.limits()))
        .build();
  }

  private static StoreLog.Limits limits(StoreLimits limits) {
    return StoreLog.Limits.newBuilder()
        .setValueBytes(limits.valueBytes())
        .setRequestBytes(limits.requestBytes())
        .setOperations(limits.operations())
        .setQuotaBytes(limits.quotaBytes())
        .setReserveBytes(limits.reserveBytes())
        .setLeases(limits.leases())
        .setHistoryRevisions(limits.historyRevisions())
        .setHistoryBytes(limits.historyBytes())
        .setGuards(limits.guards())
        .setSessions(limits.sessions())
        .setSessionWindow(limits.sessionWindow())
        .build();
  }

  private void session(Sessions.Session session) throws IOException {
    record(
        SnapshotRecord.newBuilder()
            .setSession(
                StoreLog.SnapshotSession.newBuilder()
                    .setId(session.id())
                    .setFloor(session.floor())
                    .setLastUse(session.lastUse())));
    for (SortedTree.Entry<Long, CommandResult> answer : session.answers().entries()) {
      record(
          SnapshotRecord.newBuilder()
              .setAnswer(
                  StoreLog.SnapshotAnswer.newBuilder()
                      .setSequence(answer.key())
                      .setResult(ToProto.result(answer.value()))));
    }
  }

  private static StoreLog.SnapshotRevision revision(RevisionEvents revision) {
    StoreLog.SnapshotRevision.Builder builder =
        StoreLog.SnapshotRevision.newBuilder().setRevision(revision.revision().value());
    for (WatchEvent event : revision.events()) {
      builder.addChanges(
          switch (event) {
            case WatchEvent.Put(KeyValue current, var _) ->
                StoreLog.Change.newBuilder().setPut(ToProto.keyValue(current));
            case WatchEvent.Delete(Bytes key, var _, var _) ->
                StoreLog.Change.newBuilder().setDelete(ToProto.bytes(key));
          });
    }
    return builder.build();
  }

  private void record(SnapshotRecord.Builder record) throws IOException {
    byte[] bytes = record.build().toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
    out.writeInt((int) crc.getValue());
  }
}
