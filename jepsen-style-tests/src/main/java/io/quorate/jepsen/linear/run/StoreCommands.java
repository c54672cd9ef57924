package io.quorate.jepsen.linear.run;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Membership;
import io.quorate.store.Membership.Change;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.raft.RaftStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The commands of a store process. An answer is {@code done …}, {@code not …} or {@code unknown …};
 * a dash stands for an absent value.
 */
final class StoreCommands {

  static final String ABSENT = "-";

  private final RaftStore store;
  private final Consumer<String> out;

  StoreCommands(RaftStore store, Consumer<String> out) {
    this.store = store;
    this.out = out;
  }

  CompletionStage<String> run(String[] words) {
    Bytes key = Bytes.utf8(words.length > 2 ? words[2] : "");
    return switch (words[1]) {
      case "put" -> txn(Txn.of(Op.put(key, Bytes.utf8(words[3]), lease(words[4]))));
      case "delete" -> txn(Txn.of(Op.delete(key)));
      case "cas" -> txn(Txn.when(List.of(expects(key, words[3])), puts(key, words[4], words[5])));
      case "release" ->
          txn(Txn.when(List.of(Compare.createdAt(key, revision(words[3]))), deletes(key)));
      case "get" ->
          store.range(RangeQuery.key(key), ReadMode.LINEARIZABLE).thenApply(StoreCommands::value);
      case "local" ->
          store.range(RangeQuery.key(key), ReadMode.SERIALIZABLE).thenApply(StoreCommands::value);
      case "grant" ->
          store
              .grantLease(
                  lease(words[2]), Duration.ofMillis(Long.parseLong(words[3])), Principal.CLIENT)
              .thenApply(outcome -> text(outcome, id -> Long.toString(id.value())));
      case "renew" ->
          store
              .renewHold(key, revision(words[3]))
              .thenApply(renewal -> renewal.getClass().getSimpleName());
      case "watch" -> watch(words[0], key, revision(words[3]));
      case "transfer" ->
          store.transferLeadership(words[2]).thenApply(outcome -> text(outcome, to -> to));
      case "members" ->
          CompletableFuture.completedStage(
              store.members().stream().map(Membership.Member::id).collect(Collectors.joining(" ")));
      case "problem" -> CompletableFuture.completedStage(store.status().problem().orElse(ABSENT));
      case "change" ->
          store
              .change(change(words))
              .thenApply(
                  outcome -> text(outcome, progress -> progress.phase() + " " + progress.text()));
      case "status" ->
          CompletableFuture.completedStage(
              store.status().leading() + " " + store.status().voters().size());
      case "digest" -> {
        RaftStore.Digest digest = store.digest();
        yield CompletableFuture.completedStage(digest.index() + " " + digest.hash());
      }
      default -> throw new IllegalArgumentException(String.join(" ", words));
    };
  }

  private static Change change(String[] words) {
    return switch (words[2]) {
      case "add" -> new Change.Add(words[3], words[4], words[5]);
      case "remove" -> new Change.Remove(words[3], words[4]);
      case "replace" -> new Change.Replace(words[3], words[4]);
      default -> throw new IllegalArgumentException(String.join(" ", words));
    };
  }

  private static Compare expects(Bytes key, String value) {
    return value.equals(ABSENT) ? Compare.absent(key) : Compare.hasValue(key, Bytes.utf8(value));
  }

  private static List<Op> puts(Bytes key, String value, String lease) {
    return List.of(Op.put(key, Bytes.utf8(value), lease(lease)));
  }

  private static List<Op> deletes(Bytes key) {
    return List.of(Op.delete(key));
  }

  private static LeaseId lease(String word) {
    return word.equals("0") ? LeaseId.NONE : new LeaseId(Long.parseLong(word));
  }

  private static Revision revision(String word) {
    return new Revision(Long.parseLong(word));
  }

  private CompletionStage<String> txn(Txn txn) {
    return store.txn(txn, Principal.MEMBER).thenApply(outcome -> text(outcome, StoreCommands::txn));
  }

  /** Revision, whether something changed. */
  private static String txn(TxnResult result) {
    boolean deletedNothing =
        result.results().stream()
            .anyMatch(r -> r instanceof OpResult.DeleteRange(long n, List<KeyValue> _) && n == 0);
    return result.revision() + " " + (result.succeeded() && !deletedNothing);
  }

  private static String value(Outcome<OpResult.Range> outcome) {
    return text(
        outcome,
        range -> range.keys().stream().findFirst().map(kv -> kv.value().toUtf8()).orElse(ABSENT));
  }

  private static <T> String text(Outcome<T> outcome, Function<T, String> done) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> "done " + done.apply(value);
      case Outcome.NotDone<T>(StoreError error) -> "not " + error.code();
      case Outcome.Unknown<T> _ -> "unknown";
    };
  }

  /** Changes come as {@code w <watch> <revision> <key> <value>}. */
  private CompletionStage<String> watch(String id, Bytes prefix, Revision from) {
    var _ =
        store.watch(
            WatchQuery.prefix(prefix, from),
            new WatchListener() {
              @Override
              public void onEvents(Revision revision, List<WatchEvent> events) {
                for (WatchEvent event : events) {
                  out.accept(
                      switch (event) {
                        case WatchEvent.Put(KeyValue kv, var _) ->
                            line(revision, kv.key(), kv.value().toUtf8());
                        case WatchEvent.Delete(Bytes key, var _, var _) ->
                            line(revision, key, ABSENT);
                      });
                }
              }

              private String line(Revision revision, Bytes key, String value) {
                return "w %s %s %s %s".formatted(id, revision, key.toUtf8(), value);
              }

              @Override
              public void onEnded(StoreError reason, Revision compactRevision) {
                out.accept("e %s %s %s".formatted(id, compactRevision, reason.code()));
              }
            });
    return CompletableFuture.completedStage("done");
  }
}
