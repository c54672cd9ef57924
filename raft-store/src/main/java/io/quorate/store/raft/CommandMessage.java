package io.quorate.store.raft;

import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** A command on its way through the log of the very member that proposed it. */
final class CommandMessage implements Message {
  private final StoreCommand command;
  private final ByteString entry;
  private final BootTime since;
  private final CompletableFuture<Attempt<CommandResult>> outcome = new CompletableFuture<>();
  private volatile boolean appended;

  /**
   * @param entry {@code command} as the log holds it
   * @param since when it was proposed
   */
  CommandMessage(StoreCommand command, byte[] entry, BootTime since) {
    this.command = command;
    this.entry = UnsafeByteOperations.unsafeWrap(entry);
    this.since = since;
  }

  StoreCommand command() {
    return command;
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

  @Override
  public ByteString getContent() {
    return entry;
  }
}
