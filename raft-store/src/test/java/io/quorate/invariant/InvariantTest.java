package io.quorate.invariant;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.api.Test;

final class InvariantTest {
  @Test
  void aTrueConditionPasses() {
    assertThatNoException().isThrownBy(() -> Invariant.check(true, "revision %d", 7));
  }

  @Test
  void aViolationCarriesTheValues() {
    assertThatExceptionOfType(InvariantViolation.class)
        .isThrownBy(() -> Invariant.check(false, "revision %d after %d, by %s", 6, 7, null))
        .withMessage("revision 6 after 7, by null");
  }
}
