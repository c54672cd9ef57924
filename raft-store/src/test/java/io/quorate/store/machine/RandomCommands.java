package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Random commands over few keys, leases and revisions, so that they meet; good and bad ones mixed.
 */
public final class RandomCommands {
  private static final List<Bytes> KEYS =
      List.of(
          Bytes.utf8("a"),
          Bytes.utf8("aa"),
          Bytes.utf8("ab"),
          Bytes.utf8("b"),
          Bytes.utf8("b\0"),
          Bytes.utf8("c"),
          Bytes.utf8("g/1"),
          Bytes.utf8("g/2"),
          Bytes.of(new byte[] {(byte) 0xff}),
          Bytes.of(new byte[] {(byte) 0xff, (byte) 0xff, 1}),
          Bytes.of(new byte[] {0}));
  private static final List<Bytes> ENDS =
      List.of(
          Bytes.EMPTY, Bytes.EMPTY, Bytes.of(new byte[] {0}), Bytes.utf8("b"), Bytes.utf8("g0"));

  private final RandomGenerator random;

  public RandomCommands(RandomGenerator random) {
    this.random = random;
  }

  /** The next command. */
  public StoreCommand next() {
    int kind = random.nextInt(100);
    if (kind < 66) {
      return new StoreCommand.TxnCommand(
          txn(0), rarely(4) ? Principal.CLIENT : Principal.MEMBER, request());
    }
    if (kind < 78) {
      return new StoreCommand.GrantLease(
          lease(),
          rarely(8) ? random.nextLong() : 1_000,
          rarely(2) ? Principal.CLIENT : Principal.MEMBER);
    }
    if (kind < 82) {
      return new StoreCommand.RevokeLease(lease(), rarely(2) ? Principal.CLIENT : Principal.MEMBER);
    }
    if (kind < 90) {
      return new StoreCommand.ExpireLease(lease(), random.nextInt(1, 12), random.nextInt(1, 4));
    }
    if (kind < 92) {
      return new StoreCommand.GuardPrefix(
          rarely(6) ? Bytes.EMPTY : Bytes.utf8(rarely(2) ? "g/" : "c"));
    }
    return kind < 96 ? new StoreCommand.Compact(revision()) : new StoreCommand.OpenSession();
  }

  /** A query, sometimes one that cannot be answered. */
  public RangeQuery query() {
    return new RangeQuery(
        rarely(40) ? Bytes.EMPTY : key(),
        pick(ENDS),
        rarely(2) ? random.nextInt(-1, 5) : 0,
        rarely(2) ? revision() : Revision.NONE,
        pick(List.of(RangeQuery.SortOrder.values())),
        pick(List.of(RangeQuery.SortTarget.values())),
        rarely(4),
        rarely(6),
        bound(),
        bound(),
        bound(),
        bound());
  }

  private Txn txn(int depth) {
    List<Compare> compares = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      compares.add(compare());
    }
    return new Txn(compares, ops(depth), rarely(2) ? ops(depth) : List.of());
  }

  private List<Op> ops(int depth) {
    List<Op> ops = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      ops.add(op(depth));
    }
    return ops;
  }

  private Op op(int depth) {
    int kind = random.nextInt(20);
    if (kind < 11) {
      boolean ignoreValue = rarely(8);
      boolean ignoreLease = rarely(8);
      return new Op.Put(
          rarely(60) ? Bytes.EMPTY : key(),
          ignoreValue && !rarely(8) ? Bytes.EMPTY : value(),
          ignoreLease || rarely(2) ? LeaseId.NONE : lease(),
          rarely(2),
          ignoreValue,
          ignoreLease);
    }
    if (kind < 15) {
      return new Op.DeleteRange(key(), pick(ENDS), rarely(2));
    }
    return kind < 17 && depth < 3 ? new Op.Nested(txn(depth + 1)) : new Op.Range(query());
  }

  private Compare compare() {
    Compare.Relation relation = pick(List.of(Compare.Relation.values()));
    Bytes end = rarely(4) ? pick(ENDS) : Bytes.EMPTY;
    return switch (random.nextInt(5)) {
      case 0 -> new Compare.ByCreateRevision(key(), end, relation, bound());
      case 1 -> new Compare.ByModRevision(key(), end, relation, bound());
      case 2 -> new Compare.ByVersion(key(), end, relation, random.nextInt(3));
      case 3 -> new Compare.ByValue(key(), end, relation, value());
      default -> new Compare.ByLease(key(), end, relation, lease());
    };
  }

  private Optional<RequestId> request() {
    return rarely(4)
        ? Optional.of(new RequestId(random.nextInt(6), random.nextInt(rarely(9) ? 0 : 1, 8)))
        : Optional.empty();
  }

  /** The command with the ordinal of a session replaced by the id of one that is open, if any. */
  public static StoreCommand withSession(StoreCommand command, StoreState state) {
    if (!(command instanceof StoreCommand.TxnCommand txn) || txn.request().isEmpty()) {
      return command;
    }
    RequestId request = txn.request().get();
    long id = 0;
    long ordinal = 0;
    for (SortedTree.Entry<Long, Sessions.Session> session : state.sessions().byId().entries()) {
      id = ordinal <= request.session() ? session.key() : id;
      ordinal++;
    }
    return new StoreCommand.TxnCommand(
        txn.txn(), txn.principal(), Optional.of(new RequestId(id, request.sequence())));
  }

  private Revision revision() {
    return new Revision(random.nextInt(rarely(4) ? 400 : 40));
  }

  private Revision bound() {
    return rarely(3) ? revision() : Revision.NONE;
  }

  private Bytes key() {
    return pick(KEYS);
  }

  private Bytes value() {
    return rarely(20)
        ? Bytes.of(new byte[random.nextInt(120)])
        : Bytes.utf8("v" + random.nextInt(4));
  }

  private LeaseId lease() {
    return new LeaseId(random.nextInt(5));
  }

  private boolean rarely(int oneOf) {
    return random.nextInt(oneOf) == 0;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
