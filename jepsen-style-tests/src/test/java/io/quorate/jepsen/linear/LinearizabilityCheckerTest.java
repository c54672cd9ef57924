package io.quorate.jepsen.linear;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.linear.Operation.Action;
import io.quorate.jepsen.linear.Operation.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Histories of which it is known whether they are linearizable. */
final class LinearizabilityCheckerTest {

  private final List<Operation> history = new ArrayList<>();

  private LinearizabilityCheckerTest get(String value, long call, long returned) {
    Optional<String> read = value.equals("-") ? Optional.empty() : Optional.of(value);
    return add(new Action.Get(), new Answer.Value(read), call, returned);
  }

  private LinearizabilityCheckerTest put(String value, long call, long returned) {
    return add(new Action.Put(value, 0), done(true, returned), call, returned);
  }

  private LinearizabilityCheckerTest leased(String value, long lease, long call, long returned) {
    add(new Action.Put(value, lease), done(true, returned), call, returned);
    return add(new Action.Expire(lease), new Answer.Unknown(), call, Operation.NEVER);
  }

  private LinearizabilityCheckerTest cas(
      String expected, String value, boolean won, long call, long returned) {
    Optional<String> was = expected.equals("-") ? Optional.empty() : Optional.of(expected);
    return add(new Action.CompareAndSet(was, value), done(won, returned), call, returned);
  }

  private LinearizabilityCheckerTest delete(boolean there, long call, long returned) {
    return add(new Action.Delete(), done(there, returned), call, returned);
  }

  private static Answer done(boolean changed, long returned) {
    return returned == Operation.NEVER ? new Answer.Unknown() : new Answer.Done(changed);
  }

  private LinearizabilityCheckerTest add(Action action, Answer answer, long call, long returned) {
    history.add(new Operation(history.size(), "c", "k", action, answer, call, returned));
    return this;
  }

  private void is(Class<? extends Verdict> expected) {
    assertThat(new LinearizabilityChecker(LinearizabilityChecker.CONFIGURATIONS).check(history))
        .isInstanceOf(expected);
  }

  private void isLinearizable() {
    is(Verdict.Linearizable.class);
  }

  private void isNot() {
    is(Verdict.NotLinearizable.class);
  }

  @Test
  void readsOneAfterAnother() {
    get("-", 0, 1).put("1", 2, 3).get("1", 4, 5).delete(true, 6, 7).get("-", 8, 9).isLinearizable();
  }

  @Test
  void readsDuringAWrite() {
    put("1", 0, 1).put("2", 2, 10).get("1", 3, 4).get("2", 5, 6).isLinearizable();
  }

  @Test
  void aReadAfterThatGoesBack() {
    put("1", 0, 1).put("2", 2, 10).get("2", 3, 4).get("1", 5, 6).isNot();
  }

  @Test
  void aStaleRead() {
    put("1", 0, 1).put("2", 2, 3).get("1", 4, 5).isNot();
  }

  @Test
  void aLostWrite() {
    put("1", 0, 1).get("-", 2, 3).isNot();
  }

  @Test
  void aWriteOfWhichNothingIsKnownMayComeAtAnyTime() {
    put("1", 0, 1).put("2", 2, Operation.NEVER).get("1", 3, 4).get("2", 9, 10).isLinearizable();
  }

  @Test
  void orNever() {
    put("1", 0, 1).put("2", 2, Operation.NEVER).get("1", 9, 10).isLinearizable();
  }

  @Test
  void butNotTwice() {
    put("1", 0, Operation.NEVER)
        .get("1", 1, 2)
        .put("2", 3, 4)
        .get("2", 5, 6)
        .get("1", 7, 8)
        .isNot();
  }

  @Test
  void norBeforeItWasAskedFor() {
    get("2", 0, 1).put("2", 2, Operation.NEVER).isNot();
  }

  @Test
  void oneOfTwoComparesWins() {
    put("1", 0, 1)
        .cas("1", "2", true, 2, 5)
        .cas("1", "3", false, 2, 5)
        .get("2", 6, 7)
        .isLinearizable();
  }

  @Test
  void bothComparesWin() {
    put("1", 0, 1).cas("1", "2", true, 2, 5).cas("1", "3", true, 2, 5).isNot();
  }

  @Test
  void aCompareFailsThoughNothingElseWrote() {
    put("1", 0, 1).cas("1", "2", false, 2, 3).isNot();
  }

  @Test
  void aKeyGoesWithItsLease() {
    leased("1", 7, 0, 1).get("1", 2, 3).get("-", 4, 5).isLinearizable();
  }

  @Test
  void aKeyComesBackFromTheDead() {
    leased("1", 7, 0, 1).get("-", 2, 3).get("1", 4, 5).isNot();
  }

  @Test
  void aKeyGoesWithALeaseThatItDoesNotHaveAnyMore() {
    leased("1", 7, 0, 1).put("2", 2, 3).get("-", 4, 5).isNot();
  }

  @Test
  void deletesWhatIsNotThere() {
    delete(false, 0, 1).put("1", 2, 3).delete(false, 4, 5).isNot();
  }

  @Test
  void givesUpAtItsBound() {
    // Writes at the same time and a read of something else: every order has to be tried.
    for (int i = 0; i < 20; i++) {
      put("v" + i, 0, 100);
    }
    get("never", 101, 102);
    Verdict verdict = new LinearizabilityChecker(10_000).check(history);
    assertThat(verdict).isEqualTo(new Verdict.GaveUp("k", 10_000));
  }

  /** As long as those that are recorded: eight clients, a thousand operations, one key. */
  @Test
  void longHistoriesAreJudged() {
    Random random = new Random(7);
    KeyState state = KeyState.ABSENT;
    long[] free = new long[8];
    for (int i = 0; i < 1_000; i++) {
      int client = random.nextInt(free.length);
      long at = 10L * i;
      boolean read = random.nextBoolean();
      Action action = read ? new Action.Get() : new Action.Put("v" + i, 0);
      Answer answer = read ? new Answer.Value(state.value()) : new Answer.Done(true);
      long call = Math.max(free[client] + 1, at - random.nextInt(60));
      if (call <= at) {
        Operation operation =
            new Operation(i, "c" + client, "k", action, answer, call, at + random.nextInt(60));
        history.add(operation);
        free[client] = operation.returned();
        state = state.after(operation).orElseThrow();
      }
    }
    assertThat(history).hasSizeGreaterThan(300);
    isLinearizable();

    Operation last = history.getLast();
    long end = history.stream().mapToLong(Operation::returned).max().orElseThrow();
    get("v-never", end + 1, end + 2).isNot();
    assertThat(last).isNotEqualTo(history.getLast());
  }
}
