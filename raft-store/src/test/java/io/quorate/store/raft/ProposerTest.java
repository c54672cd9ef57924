package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Proposals against a log that answers as the test wants. */
final class ProposerTest {
  private static final BootTime NOW = new BootTime(0);

  private final InFlight inFlight = new InFlight();

  /** As a fault of our own in the way to the log would: the next entry must not suffer. */
  @Test
  void aLogThatThrowsEndsThatEntryOnly() throws InterruptedException {
    LinkedBlockingQueue<Long> appended = new LinkedBlockingQueue<>();
    try (Proposer proposer =
        new Proposer(
            "test",
            inFlight,
            (_, call) -> {
              if (call == 1) {
                throw new IllegalStateException("a fault");
              }
              appended.add(call);
            },
            () -> true)) {
      assertThat(Await.value(propose(proposer)))
          .isEqualTo(
              new Attempt.NotNow<>("the log failed: java.lang.IllegalStateException: a fault"));
      CompletableFuture<Attempt<CommandResult>> next = propose(proposer);
      assertThat(appended.poll(1, TimeUnit.MINUTES)).isEqualTo(2);
      assertThat(next).isNotDone();
    }
  }

  @Test
  void takesAsManyAsItsBoundAndRefusesOneMore() throws InterruptedException {
    LinkedBlockingQueue<Long> appended = new LinkedBlockingQueue<>();
    List<CompletableFuture<Attempt<CommandResult>>> taken = new ArrayList<>();
    try (Proposer proposer =
        new Proposer("test", inFlight, (_, call) -> appended.add(call), () -> true)) {
      for (int i = 0; i < Proposer.IN_FLIGHT_MAX; i++) {
        taken.add(propose(proposer));
      }
      assertThat(appended.poll(1, TimeUnit.MINUTES)).isEqualTo(1);
      assertThat(appended.poll(1, TimeUnit.MINUTES)).isEqualTo(2);
      assertThat(taken).noneMatch(CompletableFuture::isDone);
      assertThat(propose(proposer)).isCompletedWithValue(Proposer.overloaded());

      proposer.expire(NOW.plus(Duration.ofSeconds(5)), Duration.ofSeconds(5));
      assertThat(taken)
          .allSatisfy(outcome ->
              assertThat(outcome)
                  .isCompletedWithValueMatching(Attempt.NotNow.class::isInstance, "not done"));
      assertThat(appended).as("nothing was put to a log that takes nothing").isEmpty();
      assertThat(propose(proposer)).as("there is room again").isNotDone();
    }
  }

  private static CompletableFuture<Attempt<CommandResult>> propose(Proposer proposer) {
    StoreCommand command = new StoreCommand.OpenSession();
    return proposer.propose(command, CommandCodec.encode(command), NOW);
  }
}
