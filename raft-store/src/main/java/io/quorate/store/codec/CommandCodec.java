package io.quorate.store.codec;

import io.quorate.proto.store.v1.StoreLog;
import io.quorate.store.codec.CodecException.Kind;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;

/** Commands and their results as bytes: a format byte, then a message of log.proto. */
public final class CommandCodec {
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
    StoreLog.Command message = Format.decode(entry, StoreLog.Command.parser(), "command");
    try {
      return FromProto.command(message);
    } catch (IllegalArgumentException e) {
      throw new CodecException(Kind.CORRUPT, "a command with an impossible value", e);
    }
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
