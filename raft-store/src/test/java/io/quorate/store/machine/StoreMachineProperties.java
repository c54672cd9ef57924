package io.quorate.store.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The machine against {@link NaiveStore}, which has no index, no sharing and no shortcut. */
class StoreMachineProperties {
  /** Bounds so low that all of them are met. */
  private static final StoreLimits SMALL =
      new StoreLimits(100, 600, 6, 1_500, 500, 3, 20, 20_000, 2, 3, 3);

  record Step(StoreCommand command, RangeQuery query, Revision watchFrom, int term) {}

  @Provide
  Arbitrary<List<Step>> logs() {
    return Arbitraries.randomValue(
            random -> {
              RandomCommands commands = new RandomCommands(random);
              return new Step(
                  commands.next(),
                  commands.query(),
                  new Revision(random.nextInt(60)),
                  random.nextInt(12) == 0 ? 1 : 0);
            })
        .list()
        .ofMaxSize(150);
  }

  @Property(tries = 400)
  void agreesWithTheNaiveStore(@ForAll("logs") List<Step> log) {
    Pair pair = new Pair(StoreRules.STRICT);
    log.forEach(pair::step);
    assertThat(pair.index).isEqualTo(log.size());
  }

  @Property(tries = 100)
  void sameLogGivesTheSameState(@ForAll("logs") List<Step> log) {
    Pair one = new Pair(StoreRules.STRICT);
    Pair other = new Pair(StoreRules.STRICT);
    for (Step step : log) {
      one.step(step);
      other.step(step);
      assertThat(other.machine.state().contentHash()).isEqualTo(one.machine.state().contentHash());
    }
    assertThat(other.machine.state()).isEqualTo(one.machine.state());
  }

  @Property(tries = 100)
  void stateOnceReadNeverChanges(@ForAll("logs") List<Step> log) {
    Pair pair = new Pair(StoreRules.STRICT);
    List<StoreState> kept = new ArrayList<>();
    List<Long> hashes = new ArrayList<>();
    for (Step step : log) {
      pair.step(step);
      kept.add(pair.machine.state());
      hashes.add(pair.machine.state().contentHash());
    }
    assertThat(kept.stream().map(StoreState::contentHash)).isEqualTo(hashes);
  }

  /** As many operations as {@code -Dquorate.machine.operations} asks for, in one long log. */
  @Test
  void agreesOverOneLongLog() {
    long operations = Long.getLong("quorate.machine.operations", 20_000);
    long seed = Long.getLong("quorate.machine.seed", 1);
    run(StoreRules.STRICT, seed, operations);
  }

  /** The random logs are worth something only if all there is happens in them. */
  @Test
  void randomLogsReachEverything() {
    TreeMap<String, Integer> seen = new TreeMap<>();
    RandomCommands commands = new RandomCommands(new SplittableRandom(7));
    MachineDriver driver = new MachineDriver(SMALL, StoreRules.STRICT);
    for (int i = 0; i < 50_000; i++) {
      if (i % 500 == 0) {
        driver = new MachineDriver(SMALL, StoreRules.STRICT);
      }
      driver.term(1 + i % 500 / 150);
      StoreCommand command = RandomCommands.withSession(commands.next(), driver.state());
      seen.merge(kind((Record) driver.apply(command).result()), 1, Integer::sum);
      seen.merge("query " + kind((Record) driver.state().range(commands.query())), 1, Integer::sum);
    }
    assertThat(seen)
        .containsOnlyKeys(
            "COMPACTED",
            "Compacted",
            "ExpiryIgnored",
            "FUTURE_REVISION",
            "Forgotten",
            "INVALID_ARGUMENT",
            "KEY_NOT_FOUND",
            "LEASE_EXISTS",
            "LEASE_NOT_FOUND",
            "LeaseEnded",
            "LeaseGranted",
            "NO_SPACE",
            "PERMISSION_DENIED",
            "PrefixGuarded",
            "SessionOpened",
            "TxnDone",
            "query COMPACTED",
            "query Done",
            "query FUTURE_REVISION",
            "query INVALID_ARGUMENT");

    assertThat(seen.values()).allMatch(count -> count >= 100);
  }

  private static String kind(Record result) {
    return switch (result) {
      case CommandResult.Refused(StoreError error) -> error.code().name();
      case Outcome.NotDone<?>(StoreError error) -> error.code().name();
      default -> result.getClass().getSimpleName();
    };
  }

  @ParameterizedTest
  @CsvSource({
    "false, true, true, true",
    "true, false, true, true",
    "true, true, false, true",
    "true, true, true, false"
  })
  void eachRuleTurnedOffIsNoticed(
      boolean generation, boolean termStamp, boolean guards, boolean repeats) {
    StoreRules broken = new StoreRules(generation, termStamp, guards, repeats);
    boolean noticed = false;
    try {
      run(broken, 1, 20_000);
    } catch (AssertionError e) {
      noticed = true;
    }
    assertThat(noticed).isTrue();
  }

  private static void run(StoreRules rules, long seed, long operations) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomCommands commands = new RandomCommands(random);
    Pair pair = new Pair(rules);
    for (long i = 0; i < operations; i++) {
      if (i % 500 == 0) {
        // The naive store copies all that ever was: begin anew before it gets slow.
        pair = new Pair(rules);
      }
      Step step =
          new Step(
              commands.next(),
              commands.query(),
              new Revision(random.nextInt(400)),
              random.nextInt(100) == 0 ? 1 : 0);
      try {
        pair.step(step);
      } catch (AssertionError e) {
        fail("seed %s, operation %s, %s".formatted(seed, i, step), e);
      }
    }
  }

  /** Both stores, fed alike. */
  private static final class Pair {
    private final StoreMachine machine;
    private final NaiveStore naive = new NaiveStore(SMALL);
    private long term = 1;
    private long index;

    Pair(StoreRules rules) {
      machine = new StoreMachine(StoreState.empty(SMALL), rules);
    }

    void step(Step step) {
      term += step.term();
      index++;
      int revisionsBefore = naive.pages.size();
      StoreCommand command = RandomCommands.withSession(step.command(), machine.state());
      Applied applied = machine.apply(command, term, index);
      CommandResult expected = naive.apply(command, term, index);
      assertThat(plain(applied.result())).isEqualTo(plain(expected));
      assertThat(applied.revision().value()).isEqualTo(naive.revision());
      assertThat(applied.events())
          .isEqualTo(
              naive.pages.size() > revisionsBefore ? naive.pages.getLast().events() : List.of());
      compareStates(machine.state());
      assertThat(plain(machine.state().range(step.query())))
          .isEqualTo(plain(naive.range(step.query())));
      assertThat(replay(machine.state().eventsSince(step.watchFrom())))
          .isEqualTo(naive.eventsSince(step.watchFrom().value()));
    }

    private void compareStates(StoreState state) {
      TreeMap<Bytes, KeyValue> keys = new TreeMap<>();
      state.keys().entries().forEach(entry -> keys.put(entry.key(), entry.value()));
      assertThat(keys).isEqualTo(naive.keys());
      assertThat(state.bytes()).isEqualTo(naive.bytes());
      assertThat(state.compactRevision().value()).isEqualTo(naive.compactRevision);
      assertThat(state.allLeases().stream().map(lease -> lease.id().value()).toList())
          .isEqualTo(List.copyOf(naive.leases.keySet()));
      for (Lease lease : state.allLeases()) {
        NaiveStore.LeaseGrant grant = naive.leases.get(lease.id().value());
        assertThat(new NaiveStore.LeaseGrant(lease.ttlMillis(), lease.generation()))
            .isEqualTo(grant);
        List<Bytes> attached = new ArrayList<>();
        lease.keys().entries().forEach(entry -> attached.add(entry.key()));
        assertThat(attached).isEqualTo(naive.attached(lease.id().value()));
      }
    }

    private static Optional<List<RevisionEvents>> replay(StoreState.Replay replay) {
      return switch (replay) {
        case StoreState.Replay.Compacted _ -> Optional.empty();
        case StoreState.Replay.Events(Iterable<RevisionEvents> revisions) -> {
          List<RevisionEvents> all = new ArrayList<>();
          revisions.forEach(all::add);
          yield Optional.of(all);
        }
      };
    }

    /** Refusals by code, since texts are for people. */
    private static CommandResult plain(CommandResult result) {
      return switch (result) {
        case CommandResult.Refused(StoreError error) -> NaiveStore.refused(error.code());
        case CommandResult.Forgotten _ -> new CommandResult.Forgotten("");
        default -> result;
      };
    }

    private static Outcome<OpResult.Range> plain(Outcome<OpResult.Range> outcome) {
      return outcome instanceof Outcome.NotDone<OpResult.Range>(StoreError error)
          ? new Outcome.NotDone<>(new StoreError(error.code(), ""))
          : outcome;
    }
  }
}
