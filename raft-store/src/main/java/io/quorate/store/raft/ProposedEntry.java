package io.quorate.store.raft;

import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Commands on their way through the log, in one entry, of the very member that proposed them. */
final class ProposedEntry implements Message {
  private enum State {
    PROPOSED,
    APPENDED,
    GIVEN_UP
  }

  private final List<CommandMessage> commands;
  private final ByteString content;
  private final AtomicReference<State> state = new AtomicReference<>(State.PROPOSED);

  /** An entry of one command, or of several transactions. */
  ProposedEntry(List<CommandMessage> commands) {
    this.commands = List.copyOf(commands);
    this.content =
        UnsafeByteOperations.unsafeWrap(
            CommandCodec.join(commands.stream().map(CommandMessage::entry).toList()));
  }

  List<StoreCommand> commands() {
    return commands.stream().map(CommandMessage::command).toList();
  }

  /** When the first of them was proposed. */
  BootTime since() {
    return commands.getFirst().since();
  }

  /**
   * Claims it for the log, from where on it may be in some member's. False if it was given up
   * before: its proposers were told that it is not done, and so it must not be.
   */
  boolean claimForLog() {
    return state.compareAndSet(State.PROPOSED, State.APPENDED) || state.get() == State.APPENDED;
  }

  /** It was applied, with a result for each command, in their order. */
  void served(List<CommandResult> results) {
    for (int i = 0; i < commands.size(); i++) {
      commands.get(i).outcome().complete(new Attempt.Served<>(results.get(i)));
    }
  }

  /** Ends it without a result: certainly not done only if it never comes to the log. */
  void fail(String reason) {
    if (giveUp()) {
      commands.forEach(command -> command.notDone(reason));
    } else {
      commands.forEach(command -> command.lose(reason));
    }
  }

  /** Ends it without a result. */
  void refuse(Attempt.Refused<CommandResult> refusal, String reason) {
    if (giveUp()) {
      commands.forEach(command -> command.refuse(refusal));
    } else {
      commands.forEach(command -> command.lose(reason));
    }
  }

  /** One decision: a thread that was about to append may have stood still for long. */
  private boolean giveUp() {
    return state.compareAndSet(State.PROPOSED, State.GIVEN_UP) || state.get() == State.GIVEN_UP;
  }

  @Override
  public ByteString getContent() {
    return content;
  }
}
