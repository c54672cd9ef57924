package io.quorate.store.raft;

import io.quorate.store.codec.CommandCodec;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.util.List;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Commands on their way through the log, in one entry, of the very member that proposed them. */
final class ProposedEntry implements Message {
  private final List<CommandMessage> commands;
  private final ByteString content;

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

  /** From here on it may be in some member's log. */
  void markAppended() {
    commands.forEach(CommandMessage::markAppended);
  }

  /** It was applied, with a result for each command, in their order. */
  void served(List<CommandResult> results) {
    for (int i = 0; i < commands.size(); i++) {
      commands.get(i).outcome().complete(new Attempt.Served<>(results.get(i)));
    }
  }

  /** Ends it without a result. */
  void fail(String reason) {
    commands.forEach(command -> command.fail(reason));
  }

  /** Ends it without a result. */
  void refuse(Attempt.Refused<CommandResult> refusal, String reason) {
    commands.forEach(command -> command.refuse(refusal, reason));
  }

  @Override
  public ByteString getContent() {
    return content;
  }
}
