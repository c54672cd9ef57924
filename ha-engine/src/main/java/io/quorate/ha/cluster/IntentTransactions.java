package io.quorate.ha.cluster;

import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Wish;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.Op;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes of operators' wishes: made once, changed only as they were read. Pure. */
public final class IntentTransactions {

  private final ClusterKeys keys;

  /** Transactions of one cluster. */
  public IntentTransactions(ClusterKeys keys) {
    this.keys = keys;
  }

  /** A new wish, in the place of a finished one as it stands in {@code seen}. */
  public Txn submit(Intent intent, Keyspace seen) {
    Bytes key = keys.intent(intent.wish().slot());
    return Txn.when(List.of(Compare.modifiedAt(key, seen.modRevision(key))), puts(intent));
  }

  /** Its next state, provided that nobody has changed it since it was read. */
  public Txn advance(Intent next) {
    return Txn.when(List.of(unchanged(next)), puts(next));
  }

  /** It stands as it was read. */
  Compare unchanged(Intent intent) {
    return Compare.modifiedAt(keys.intent(intent.wish().slot()), new Revision(intent.revision()));
  }

  /** It stands with this very content, whenever that was written. */
  Compare same(Intent intent) {
    return Compare.hasValue(keys.intent(intent.wish().slot()), IntentCodec.encode(intent));
  }

  /** Puts it, and Patroni's form of it where there is one. */
  List<Op> puts(Intent intent) {
    List<Op> ops = new ArrayList<>();
    ops.add(Op.put(keys.intent(intent.wish().slot()), IntentCodec.encode(intent)));
    if (intent.wish().slot().equals(Wish.PRIMARY_SLOT)) {
      ops.add(Op.put(keys.failover(), IntentCodec.failover(intent)));
    }
    return ops;
  }

  /** Sets {@code pause} in the dynamic configuration, everything else as it stands. */
  public Txn pause(boolean on, Keyspace seen) {
    ObjectNode config =
        seen.value(keys.config())
            .flatMap(Json::read)
            .filter(JsonNode::isObject)
            .map(node -> (ObjectNode) node.deepCopy())
            .orElseGet(Json::object);
    config.put("pause", on);
    return Txn.when(
        List.of(Compare.modifiedAt(keys.config(), seen.modRevision(keys.config()))),
        List.of(Op.put(keys.config(), Json.bytes(config))));
  }
}
