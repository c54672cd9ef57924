package io.quorate.rpc.etcd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonStreamParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Messages as JSON, in the form that etcd gives them: bytes in base64, 64-bit numbers as text. */
final class JsonForm {

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  /** etcd passes over fields that it does not know, too. */
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private JsonForm() {}

  static String text(MessageOrBuilder message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message without extensions can be printed", e);
    }
  }

  /**
   * The requests in {@code body}, one after the other.
   *
   * @throws io.grpc.StatusRuntimeException when it is not JSON, or says something else
   */
  static List<Message> requests(String body, Message empty) {
    List<Message> requests = new ArrayList<>();
    if (body.isBlank()) {
      return requests;
    }
    try {
      JsonStreamParser elements = new JsonStreamParser(body);
      while (elements.hasNext()) {
        JsonElement element = elements.next();
        Message.Builder request = empty.newBuilderForType();
        PARSER.merge(element.toString(), request);
        requests.add(request.build());
      }
      return requests;
    } catch (JsonParseException | InvalidProtocolBufferException e) {
      throw EtcdErrors.thrown(EtcdErrors.invalid(String.valueOf(e.getMessage())));
    }
  }

  /** An error as the answer to a request. */
  static String error(Status status) {
    JsonObject error = new JsonObject();
    String text = description(status);
    error.addProperty("error", text);
    error.addProperty("message", text);
    error.addProperty("code", status.getCode().value());
    return error.toString();
  }

  /** An error within a stream of answers. */
  static String streamError(Status status) {
    JsonObject error = new JsonObject();
    error.addProperty("grpc_code", status.getCode().value());
    error.addProperty("http_code", httpStatus(status));
    error.addProperty("message", description(status));
    JsonObject line = new JsonObject();
    line.add("error", error);
    return line.toString();
  }

  private static String description(Status status) {
    String text = status.getDescription();
    return text == null ? status.getCode().name() : text;
  }

  /** HTTP's status for gRPC's, as etcd's gateway has it. */
  static int httpStatus(Status status) {
    return switch (status.getCode()) {
      case OK -> 200;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case CANCELLED -> 408;
      case ALREADY_EXISTS, ABORTED -> 409;
      case FAILED_PRECONDITION -> 412;
      case RESOURCE_EXHAUSTED -> 429;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }
}
