package io.quorate.ha.admin;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.ConfigEdit;
import io.quorate.ha.cluster.SettingsCodec;
import io.quorate.store.KeyValue;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads and changes the key {@code config}. Every change compares the revision that it was made
 * from, so none overwrites another unseen.
 */
public final class DynamicConfig {

  /** A change that names no revision is made anew so often when another came between. */
  private static final int ATTEMPTS = 5;

  private final Store store;
  private final ClusterKeys keys;
  private final Check check;
  private final Trial trial;

  /** The configuration of the cluster with these keys. */
  public DynamicConfig(Store store, ClusterKeys keys, Check check, Trial trial) {
    this.store = store;
    this.keys = keys;
    this.check = check;
    this.trial = trial;
  }

  /** Asks PostgreSQL itself, before anything is written. */
  public interface Trial {

    /** There is none to be asked: a witness. */
    Trial NONE = _ -> CompletableFuture.completedFuture(List.of());

    /**
     * What it has against parameters that are to change, one line for each, beginning with its
     * name; empty where it cannot tell. Never completes exceptionally.
     */
    CompletionStage<List<String>> objections(Map<String, String> parameters);
  }

  /** Judges a whole document. */
  public interface Check {
    /** What is wrong with {@code json}, and what in it has no effect. Safe from any thread. */
    Findings findings(String json);
  }

  /**
   * What is to be said of a document.
   *
   * @param errors each with the setting's path and the remedy
   * @param ignored each with the path and why it has no effect
   */
  public record Findings(List<String> errors, List<String> ignored) {
    /** Copies the lists. */
    public Findings {
      errors = List.copyOf(errors);
      ignored = List.copyOf(ignored);
    }
  }

  /** How a read or a change ended. */
  public sealed interface Result {

    /**
     * The document that stands now.
     *
     * @param json a JSON object
     * @param revision of its last change
     * @param changed whether this call changed it
     * @param ignored settings without effect, each with its path and why; only after a change
     */
    record Stands(String json, long revision, boolean changed, List<String> ignored)
        implements Result {
      /** Copies the list. */
      public Stands {
        ignored = List.copyOf(ignored);
      }
    }

    /** Nobody made a cluster yet: there is no configuration. */
    record Missing() implements Result {}

    /** The change is wrong, and nothing was changed. */
    record Invalid(List<String> errors) implements Result {
      /** Copies the list. */
      public Invalid {
        errors = List.copyOf(errors);
      }
    }

    /** Somebody changed it since the revision that the change was made from; nothing was done. */
    record Conflict(long revision) implements Result {}

    /** The store cannot be asked; nothing was changed and nothing will be. */
    record Unavailable(String why) implements Result {}

    /** It may have been changed or not, or may be later. */
    record Unknown(String why) implements Result {}
  }

  /** The configuration, read linearizably. */
  public CompletionStage<Result> read() {
    return store
        .range(RangeQuery.key(keys.config()), ReadMode.LINEARIZABLE)
        .thenApply(DynamicConfig::result);
  }

  private static Result result(Outcome<OpResult.Range> outcome) {
    return switch (outcome) {
      case Outcome.Done<OpResult.Range>(OpResult.Range range) -> {
        if (range.keys().isEmpty()) {
          yield new Result.Missing();
        }
        KeyValue entry = range.keys().getFirst();
        yield new Result.Stands(
            entry.value().toUtf8(), entry.modRevision().value(), false, List.of());
      }
      case Outcome.NotDone<OpResult.Range>(var error) -> new Result.Unavailable(error.message());
      case Outcome.Unknown<OpResult.Range>(String why) -> new Result.Unavailable(why);
    };
  }

  /**
   * Changes the configuration.
   *
   * @param expected the revision that the change was made from; empty: whatever stands
   */
  public CompletionStage<Result> change(ConfigEdit edit, OptionalLong expected) {
    return attempt(edit, expected, ATTEMPTS);
  }

  private CompletionStage<Result> attempt(ConfigEdit edit, OptionalLong expected, int left) {
    return read()
        .thenCompose(before ->
            before instanceof Result.Stands stands
                ? write(edit, expected, stands)
                : CompletableFuture.completedFuture(before))
        .thenCompose(result ->
            result instanceof Result.Conflict && expected.isEmpty() && left > 1
                ? attempt(edit, expected, left - 1)
                : CompletableFuture.completedFuture(result));
  }

  private CompletionStage<Result> write(
      ConfigEdit edit, OptionalLong expected, Result.Stands before) {
    if (expected.isPresent() && expected.getAsLong() != before.revision()) {
      return CompletableFuture.completedFuture(new Result.Conflict(before.revision()));
    }
    String after;
    try {
      after = edit.applyTo(before.json());
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(
          new Result.Invalid(List.of(String.valueOf(e.getMessage()))));
    }
    if (ConfigEdit.sameMeaning(before.json(), after)) {
      return CompletableFuture.completedFuture(before);
    }
    Findings findings = check.findings(after);
    List<String> errors = new ArrayList<>(findings.errors());
    // What stood there before must not stand in the way of another change, a pause for instance.
    errors.removeAll(check.findings(before.json()).errors());
    if (!errors.isEmpty()) {
      return CompletableFuture.completedFuture(new Result.Invalid(errors));
    }
    String next = after;
    return tried(before.json(), next)
        .thenCompose(refused ->
            refused.isEmpty()
                ? put(before, next, findings)
                : CompletableFuture.completedFuture(new Result.Invalid(refused)));
  }

  /** What PostgreSQL says against parameters that are new or have another value. */
  private CompletionStage<List<String>> tried(String before, String after) {
    Map<String, String> former = SettingsCodec.parameters(before);
    Map<String, String> changed = new TreeMap<>(SettingsCodec.parameters(after));
    changed.entrySet().removeIf(e -> e.getValue().equals(former.get(e.getKey())));
    return changed.isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : trial
            .objections(changed)
            .thenApply(lines -> lines.stream().map(l -> "postgresql.parameters." + l).toList());
  }

  private CompletionStage<Result> put(Result.Stands before, String after, Findings findings) {
    return store
        .txn(
            ClusterTransactions.config(keys, after, new Revision(before.revision())),
            Principal.MEMBER)
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Done<TxnResult>(TxnResult done) ->
                  done.succeeded()
                      ? new Result.Stands(after, done.revision().value(), true, findings.ignored())
                      : new Result.Conflict(done.revision().value());
              case Outcome.NotDone<TxnResult>(var error) -> new Result.Unavailable(error.message());
              case Outcome.Unknown<TxnResult>(String why) -> new Result.Unknown(why);
            });
  }
}
