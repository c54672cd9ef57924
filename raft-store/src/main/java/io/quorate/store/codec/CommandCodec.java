package io.quorate.store.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.quorate.proto.store.v1.StoreLog;
import io.quorate.store.codec.CodecException.Kind;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import java.util.ArrayList;
import java.util.List;

/** Commands and their results as bytes: a format byte, then a message of log.proto. */
public final class CommandCodec {
  /** The level of entries at which several transactions may share one; before it, none may. */
  public static final int LEVEL_JOINED = 1;

  /** The newest kind of entry that this version knows; members tell each other. */
  public static final int LEVEL = LEVEL_JOINED;

  private CommandCodec() {}

  /** The bytes of an entry of the log. */
  public static byte[] encode(StoreCommand command) {
    return Format.encode(ToProto.command(command));
  }

  /**
   * The command of an entry of the log.
   *
   * @throws CodecException when this version cannot tell what the entry says; the replica must stop
   */
  public static StoreCommand decode(byte[] entry) throws CodecException {
    return command(Format.decode(entry, StoreLog.Command.parser(), "command"));
  }

  private static StoreCommand command(StoreLog.Command message) throws CodecException {
    try {
      return FromProto.command(message);
    } catch (IllegalArgumentException e) {
      throw new CodecException(Kind.CORRUPT, "a command with an impossible value", e);
    }
  }

  /**
   * The bytes of an entry that holds several transactions of one session.
   *
   * @param entries what {@link #encode} gave for each; a single one is an entry already
   */
  public static byte[] join(List<byte[]> entries) {
    if (entries.size() == 1) {
      return entries.getFirst();
    }
    StoreLog.Batch.Builder batch = StoreLog.Batch.newBuilder();
    entries.forEach(entry -> batch.addEntries(UnsafeByteOperations.unsafeWrap(entry)));
    return Format.encode(StoreLog.Command.newBuilder().setBatch(batch).build());
  }

  /**
   * The commands of an entry of the log: one, or several transactions.
   *
   * @throws CodecException when this version cannot tell what the entry says; the replica must stop
   */
  public static List<StoreCommand> split(byte[] entry) throws CodecException {
    StoreLog.Command message = Format.decode(entry, StoreLog.Command.parser(), "command");
    if (!message.hasBatch()) {
      return List.of(command(message));
    }
    List<StoreCommand> commands = new ArrayList<>();
    for (ByteString each : message.getBatch().getEntriesList()) {
      StoreCommand command = decode(each.toByteArray());
      if (!(command instanceof StoreCommand.TxnCommand)) {
        throw new CodecException(Kind.CORRUPT, "no transaction, but joined with others");
      }
      commands.add(command);
    }
    if (commands.isEmpty()) {
      throw new CodecException(Kind.CORRUPT, "an entry of no commands");
    }
    return commands;
  }

  /** The bytes of a result. */
  public static byte[] encode(CommandResult result) {
    return Format.encode(ToProto.result(result));
  }

  /**
   * The result.
   *
   * @throws CodecException when this version cannot tell what it says
   */
  public static CommandResult decodeResult(byte[] result) throws CodecException {
    StoreLog.Result message = Format.decode(result, StoreLog.Result.parser(), "result");
    try {
      return FromProto.result(message);
    } catch (IllegalArgumentException e) {
      throw new CodecException(Kind.CORRUPT, "a result with an impossible value", e);
    }
  }
}
