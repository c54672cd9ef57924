package io.quorate.jepsen.linear;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.linear.Operation.Action;
import io.quorate.jepsen.linear.Operation.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The search against the definition, on histories small enough for it. */
final class LinearizabilityProperties {

  private static final LinearizabilityChecker CHECKER =
      new LinearizabilityChecker(LinearizabilityChecker.CONFIGURATIONS);

  /** Half of these are not linearizable: answers are drawn like everything else. */
  @Property(tries = 4_000)
  void agreesWithTheDefinition(@ForAll long seed, @ForAll @IntRange(min = 1, max = 7) int size) {
    Random random = new Random(seed);
    List<Operation> history = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      history.add(any(random, i));
    }
    Verdict verdict = CHECKER.check(history);
    assertThat(verdict instanceof Verdict.Linearizable)
        .as("%s of %s", verdict, history)
        .isEqualTo(BruteForce.linearizable(history));
  }

  private static Operation any(Random random, int id) {
    long call = random.nextInt(12);
    long returned = call + random.nextInt(6);
    Action action =
        switch (random.nextInt(6)) {
          case 0, 1 -> new Action.Get();
          case 2 -> new Action.Put(value(random), random.nextInt(2));
          case 3 -> new Action.Delete();
          case 4 ->
              new Action.CompareAndSet(
                  random.nextInt(3) == 0 ? Optional.empty() : Optional.of(value(random)),
                  value(random));
          default -> new Action.Expire(1);
        };
    boolean unknown = action instanceof Action.Expire || random.nextInt(5) == 0;
    Answer answer =
        unknown
            ? new Answer.Unknown()
            : switch (action) {
              case Action.Get() ->
                  new Answer.Value(
                      random.nextInt(3) == 0 ? Optional.empty() : Optional.of(value(random)));
              case Action.Put _ -> new Answer.Done(true);
              case Action.Delete(), Action.CompareAndSet _, Action.Expire _ ->
                  new Answer.Done(random.nextBoolean());
            };
    return new Operation(
        id, "c" + id, "k", action, answer, call, unknown ? Operation.NEVER : returned);
  }

  private static String value(Random random) {
    return Integer.toString(random.nextInt(3));
  }
}
