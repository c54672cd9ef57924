package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What whoever proposed is told must hold, whatever thread stood still in between. */
final class ProposedEntryTest {

  @Test
  void whatWasGivenUpIsNotAppended() {
    CommandMessage command = command();
    ProposedEntry entry = new ProposedEntry(List.of(command));
    entry.fail("no answer");
    assertThat(command.outcome().join()).isEqualTo(new Attempt.NotNow<>("no answer"));
    assertThat(entry.claimForLog()).isFalse();
  }

  @Test
  void whatCameToTheLogIsNeverCertainlyNotDone() {
    CommandMessage command = command();
    ProposedEntry entry = new ProposedEntry(List.of(command));
    assertThat(entry.claimForLog()).isTrue();
    assertThat(entry.claimForLog()).as("by a retry of the log").isTrue();
    entry.refuse(Proposer.overloaded(), "the log is overloaded");
    assertThat(command.outcome().join()).isEqualTo(new Attempt.Lost<>("the log is overloaded"));
  }

  /** The thread that appends and the one that gives up decide once, for all commands. */
  @Test
  void bothAtOnceAgree() throws InterruptedException {
    for (int i = 0; i < 2_000; i++) {
      CommandMessage first = command();
      CommandMessage second = command();
      ProposedEntry entry = new ProposedEntry(List.of(first, second));
      CountDownLatch go = new CountDownLatch(1);
      Thread givingUp =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  go.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                entry.fail("no answer");
              });
      go.countDown();
      boolean appended = entry.claimForLog();
      givingUp.join();
      Attempt<CommandResult> told =
          appended ? new Attempt.Lost<>("no answer") : new Attempt.NotNow<>("no answer");
      assertThat(first.outcome().join()).isEqualTo(told);
      assertThat(second.outcome().join()).isEqualTo(told);
    }
  }

  private static CommandMessage command() {
    StoreCommand command = new StoreCommand.OpenSession();
    return new CommandMessage(command, CommandCodec.encode(command), new BootTime(0));
  }
}
