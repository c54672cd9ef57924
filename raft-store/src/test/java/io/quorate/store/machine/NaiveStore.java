package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.StoreError.Code;
import io.quorate.store.Txn;
import io.quorate.store.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The store written to be read: a full copy of all keys for every revision there ever was, and
 * everything else found by looking through all of it.
 */
final class NaiveStore {
  /** The store as one revision left it. */
  record Page(SortedMap<Bytes, KeyValue> keys, List<WatchEvent> events) {}

  record LeaseGrant(long ttlMillis, long generation) {}

  private static final class Session {
    final TreeMap<Long, CommandResult> answers = new TreeMap<>();
    long floor;
    long lastUse;
  }

  final StoreLimits limits;
  final List<Page> pages = new ArrayList<>();
  final TreeMap<Long, LeaseGrant> leases = new TreeMap<>();
  final TreeSet<Bytes> guards = new TreeSet<>();
  private final TreeMap<Long, Session> sessions = new TreeMap<>();
  long compactRevision;
  private long generations;

  NaiveStore(StoreLimits limits) {
    this.limits = limits;
    pages.add(new Page(new TreeMap<>(), List.of()));
  }

  long revision() {
    return pages.size();
  }

  SortedMap<Bytes, KeyValue> keys() {
    return pages.getLast().keys();
  }

  long bytes() {
    return bytes(keys());
  }

  long bytes(SortedMap<Bytes, KeyValue> keys) {
    long sum = (long) leases.size() * StoreLimits.LEASE_OVERHEAD_BYTES;
    for (KeyValue kv : keys.values()) {
      sum += StoreLimits.weight(kv);
    }
    return sum;
  }

  List<Bytes> attached(long lease) {
    return keys().values().stream()
        .filter(kv -> kv.lease().value() == lease)
        .map(KeyValue::key)
        .toList();
  }

  /** Changes of all revisions from {@code first} on, or nothing when they are compacted. */
  Optional<List<RevisionEvents>> eventsSince(long first) {
    if (first < compactRevision) {
      return Optional.empty();
    }
    List<RevisionEvents> all = new ArrayList<>();
    for (long at = Math.max(2, first); at <= revision(); at++) {
      all.add(new RevisionEvents(new Revision(at), pages.get((int) at - 1).events()));
    }
    return Optional.of(all);
  }

  Outcome<OpResult.Range> range(RangeQuery query) {
    if (query.key().size() == 0) {
      return notDone(Code.INVALID_ARGUMENT);
    }
    Optional<Code> code = NaiveTxn.unreadable(this, query.revision().value());
    return code.isPresent()
        ? notDone(code.get())
        : new Outcome.Done<>(NaiveTxn.read(pageAt(query.revision().value()), query, revision()));
  }

  SortedMap<Bytes, KeyValue> pageAt(long revision) {
    return revision == 0 ? keys() : pages.get((int) revision - 1).keys();
  }

  private static <T> Outcome<T> notDone(Code code) {
    return new Outcome.NotDone<>(new StoreError(code, ""));
  }

  static CommandResult refused(Code code) {
    return new CommandResult.Refused(new StoreError(code, ""));
  }

  CommandResult apply(StoreCommand command, long term, long index) {
    return switch (command) {
      case StoreCommand.TxnCommand txn -> run(txn, index);
      case StoreCommand.OpenSession() -> open(index);
      case StoreCommand.GrantLease(LeaseId id, long ttl, Principal principal) ->
          grant(id.value(), ttl, principal);
      case StoreCommand.RevokeLease(LeaseId id, Principal principal) -> {
        if (!leases.containsKey(id.value())) {
          yield refused(Code.LEASE_NOT_FOUND);
        }
        if (principal == Principal.CLIENT
            && attached(id.value()).stream().anyMatch(this::guarded)) {
          yield refused(Code.PERMISSION_DENIED);
        }
        yield end(id);
      }
      case StoreCommand.ExpireLease(LeaseId id, long generation, long decided) -> {
        LeaseGrant grant = leases.get(id.value());
        yield grant == null || grant.generation() != generation || decided != term
            ? new CommandResult.ExpiryIgnored(id)
            : end(id);
      }
      case StoreCommand.GuardPrefix(Bytes prefix) -> {
        boolean full = guards.size() >= limits.guards() && !guards.contains(prefix);
        if (prefix.size() == 0 || prefix.size() > StoreLimits.GUARD_BYTES || full) {
          yield refused(Code.INVALID_ARGUMENT);
        }
        guards.add(prefix);
        yield new CommandResult.PrefixGuarded(new Revision(revision()));
      }
      case StoreCommand.Compact(Revision to) -> {
        if (to.value() > revision()) {
          yield refused(Code.FUTURE_REVISION);
        }
        if (to.value() <= compactRevision) {
          yield refused(Code.COMPACTED);
        }
        compactRevision = to.value();
        yield new CommandResult.Compacted(to);
      }
    };
  }

  private CommandResult run(StoreCommand.TxnCommand command, long index) {
    if (command.request().isEmpty()) {
      return run(command.txn(), command.principal());
    }
    RequestId request = command.request().get();
    Session session = sessions.get(request.session());
    if (request.sequence() < 1) {
      return refused(Code.INVALID_ARGUMENT);
    }
    if (session == null) {
      return new CommandResult.Forgotten("");
    }
    if (session.answers.containsKey(request.sequence())) {
      return session.answers.get(request.sequence());
    }
    if (request.sequence() <= session.floor) {
      return new CommandResult.Forgotten("");
    }
    CommandResult result = run(command.txn(), command.principal());
    session.answers.put(
        request.sequence(),
        Weights.of(result) > StoreLimits.KEPT_ANSWER_BYTES
            ? new CommandResult.Forgotten("")
            : result);
    session.lastUse = index;
    while (session.answers.size() > limits.sessionWindow()) {
      session.floor = session.answers.pollFirstEntry().getKey();
    }
    return result;
  }

  private CommandResult run(Txn txn, Principal principal) {
    NaiveTxn run = new NaiveTxn(this);
    CommandResult result = run.run(txn, principal);
    if (result instanceof CommandResult.TxnDone) {
      commit(run.keys, run.events);
    }
    return result;
  }

  private CommandResult open(long index) {
    Session session = new Session();
    session.lastUse = index;
    sessions.put(index, session);
    if (sessions.size() > limits.sessions()) {
      long unused =
          sessions.entrySet().stream()
              .min((a, b) -> Long.compare(a.getValue().lastUse, b.getValue().lastUse))
              .orElseThrow()
              .getKey();
      sessions.remove(unused);
    }
    return new CommandResult.SessionOpened(index);
  }

  private CommandResult grant(long id, long ttl, Principal principal) {
    if (id == 0 || ttl < 1_000 || ttl > 9_000_000_000_000L) {
      return refused(Code.INVALID_ARGUMENT);
    }
    if (leases.containsKey(id)) {
      return refused(Code.LEASE_EXISTS);
    }
    boolean client = principal == Principal.CLIENT;
    if (leases.size() >= limits.leases() + (client ? 0 : StoreLimits.RESERVED_LEASES)) {
      return refused(Code.NO_SPACE);
    }
    if (client && bytes() + StoreLimits.LEASE_OVERHEAD_BYTES > limits.quotaBytes()) {
      return refused(Code.NO_SPACE);
    }
    generations++;
    leases.put(id, new LeaseGrant(ttl, generations));
    return new CommandResult.LeaseGranted(new LeaseId(id), generations, ttl);
  }

  private CommandResult end(LeaseId id) {
    SortedMap<Bytes, KeyValue> after = new TreeMap<>(keys());
    List<WatchEvent> events = new ArrayList<>();
    for (Bytes key : attached(id.value())) {
      events.add(
          new WatchEvent.Delete(
              key, new Revision(revision() + 1), Optional.ofNullable(after.remove(key))));
    }
    leases.remove(id.value());
    commit(after, events);
    return new CommandResult.LeaseEnded(id);
  }

  boolean guarded(Bytes key) {
    return guards.stream().anyMatch(key::startsWith);
  }

  private void commit(SortedMap<Bytes, KeyValue> keys, List<WatchEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    pages.add(new Page(keys, List.copyOf(events)));
    while (true) {
      List<RevisionEvents> kept = eventsSince(compactRevision).orElseThrow();
      long bytes = kept.stream().mapToLong(RevisionEvents::bytes).sum();
      if (kept.size() <= 1
          || (kept.size() <= limits.historyRevisions() && bytes <= limits.historyBytes())) {
        return;
      }
      compactRevision = kept.getFirst().revision().value() + 1;
    }
  }
}
