package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;

/**
 * Hashes a whole state, in key order, to 64 bits. Against mistakes, not against malice.
 *
 * <p>Snapshots carry it, so what enters and how is part of their format. Weights do not enter,
 * being derived; answers kept for repeats enter by their place and by what they did.
 */
final class StateHash {
  private long hash = 0x9e3779b97f4a7c15L;

  private StateHash() {}

  static long of(StoreState state) {
    StateHash sum = new StateHash();
    sum.add(state.revision().value());
    sum.add(state.lastGeneration());
    sum.add(state.keys().size());
    for (SortedTree.Entry<Bytes, KeyValue> entry : state.keys().entries()) {
      sum.add(entry.value());
    }
    sum.add(state.leases().size());
    for (SortedTree.Entry<Long, Lease> entry : state.leases().entries()) {
      sum.add(entry.value());
    }
    sum.add(state.guards().size());
    for (SortedTree.Entry<Bytes, Bytes> entry : state.guards().entries()) {
      sum.add(entry.key());
    }
    sum.add(state.history());
    sum.add(state.sessions());
    sum.add(state.limits());
    return sum.hash;
  }

  static long ofKeys(SortedTree<Bytes, KeyValue> keys) {
    StateHash sum = new StateHash();
    sum.add(keys.size());
    for (SortedTree.Entry<Bytes, KeyValue> entry : keys.entries()) {
      sum.add(entry.value());
    }
    return sum.hash;
  }

  private void add(History history) {
    add(history.compactRevision());
    add(history.revisions().size());
    for (RevisionEvents revision : history.from(0)) {
      add(revision.revision().value());
      for (WatchEvent event : revision.events()) {
        switch (event) {
          case WatchEvent.Put(KeyValue kv, var previous) -> {
            add(kv);
            previous.ifPresent(this::add);
          }
          case WatchEvent.Delete(Bytes key, Revision at, var previous) -> {
            add(key);
            add(at.value());
            previous.ifPresent(this::add);
          }
        }
      }
    }
  }

  private void add(Sessions sessions) {
    add(sessions.byId().size());
    for (SortedTree.Entry<Long, Sessions.Session> entry : sessions.byId().entries()) {
      Sessions.Session session = entry.value();
      add(session.id());
      add(session.floor());
      add(session.lastUse());
      for (SortedTree.Entry<Long, CommandResult> answer : session.answers().entries()) {
        add(answer.key());
        if (answer.value() instanceof CommandResult.TxnDone(TxnResult txn)) {
          add(txn.succeeded() ? 1 : 0);
          add(txn.revision().value());
        }
      }
    }
  }

  private void add(StoreLimits limits) {
    add(limits.valueBytes());
    add(limits.requestBytes());
    add(limits.operations());
    add(limits.quotaBytes());
    add(limits.reserveBytes());
    add(limits.leases());
    add(limits.historyRevisions());
    add(limits.historyBytes());
    add(limits.guards());
    add(limits.sessions());
    add(limits.sessionWindow());
  }

  private void add(Lease lease) {
    add(lease.id().value());
    add(lease.ttlMillis());
    add(lease.generation());
    add(lease.keys().size());
    for (SortedTree.Entry<Bytes, Bytes> key : lease.keys().entries()) {
      add(key.key());
    }
  }

  private void add(KeyValue kv) {
    add(kv.key());
    add(kv.value());
    add(kv.createRevision().value());
    add(kv.modRevision().value());
    add(kv.version());
    add(kv.lease().value());
  }

  private void add(Bytes bytes) {
    add(bytes.size());
    for (int i = 0; i < bytes.size(); i += Long.BYTES) {
      long word = 0;
      for (int j = i; j < Math.min(bytes.size(), i + Long.BYTES); j++) {
        word = (word << 8) | (bytes.at(j) & 0xff);
      }
      add(word);
    }
  }

  /** Mixes one word in (the finalizer of MurmurHash3 over a running product). */
  private void add(long word) {
    long mixed = hash * 31 + word;
    mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    hash = mixed ^ (mixed >>> 33);
  }
}
