package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One replacement at a time, and no failure is lost. */
final class RepairTest {
  private final Repair repair = new Repair();

  @Test
  void whatTheFormerServerTellsWhileItIsReplacedBeginsNoOther() {
    assertThat(repair.underWay()).isFalse();
    assertThat(repair.begin()).isTrue();
    assertThat(repair.begin()).as("another report of the same").isFalse();
    assertThat(repair.underWay()).isTrue();
    repair.launching();
    assertThat(repair.end()).isTrue();
    assertThat(repair.underWay()).isFalse();
  }

  @Test
  void aFailureOfTheNextServerRightAfterItsLaunchIsNotLost() {
    assertThat(repair.begin()).isTrue();
    repair.launching();
    assertThat(repair.begin()).as("whoever replaces goes on").isFalse();
    assertThat(repair.end()).isFalse();
    assertThat(repair.underWay()).isTrue();
    repair.launching();
    assertThat(repair.end()).isTrue();
    assertThat(repair.begin()).as("after the end it is another's again").isTrue();
  }
}
