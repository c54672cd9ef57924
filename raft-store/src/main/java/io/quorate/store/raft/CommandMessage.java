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
  private volatile boolean appended;

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

  /** From here on it may be in some member's log, and so may yet be done. */
  void markAppended() {
    appended = true;
  }

  /** Ends it without a result: certainly not done only if it never came near the log. */
  void fail(String reason) {
    outcome.complete(appended ? new Attempt.Lost<>(reason) : new Attempt.NotNow<>(reason));
  }

  /** Ends it without a result. */
  void refuse(Attempt.Refused<CommandResult> refusal, String reason) {
    outcome.complete(appended ? new Attempt.Lost<>(reason) : refusal);
  }
}
