package io.quorate.store.raft;

import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.util.concurrent.CompletableFuture;

/** A command that this member proposes, from the proposal to its outcome. */
final class CommandMessage {
  private final StoreCommand command;
  private final byte[] entry;
  private final BootTime since;
  private final CompletableFuture<Attempt<CommandResult>> outcome = new CompletableFuture<>();

  /**
   * @param entry {@code command} as the log holds it; not copied
   * @param since when it was proposed
   */
  CommandMessage(StoreCommand command, byte[] entry, BootTime since) {
    this.command = command;
    this.entry = entry;
    this.since = since;
  }

  StoreCommand command() {
    return command;
  }

  /** Not a copy: not to be changed. */
  byte[] entry() {
    return entry;
  }

  BootTime since() {
    return since;
  }

  CompletableFuture<Attempt<CommandResult>> outcome() {
    return outcome;
  }

  /** Ends it without a result: it is certainly not done. */
  void notDone(String reason) {
    outcome.complete(new Attempt.NotNow<>(reason));
  }

  /** Ends it without a result: it is certainly not done, nor would it be elsewhere. */
  void refuse(Attempt.Refused<CommandResult> refusal) {
    outcome.complete(refusal);
  }

  /** Ends it without a result: it may be in some member's log, and so may yet be done. */
  void lose(String reason) {
    outcome.complete(new Attempt.Lost<>(reason));
  }
}
