package io.quorate.rpc.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Errors with a stable reason, as the description of the service promises them. */
final class Errors {

  private static final String DOMAIN = "quorate";
  private static final String LINE = "error.";

  private Errors() {}

  static StatusRuntimeException of(Status.Code code, String reason, String message) {
    return of(code, reason, message, List.of());
  }

  /** The same with more to say, each line as metadata {@code error.N}. */
  static StatusRuntimeException of(
      Status.Code code, String reason, String message, List<String> lines) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason);
    for (int i = 0; i < lines.size(); i++) {
      info.putMetadata(LINE + i, lines.get(i));
    }
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(Any.pack(info.build()))
            .build());
  }

  private static Optional<ErrorInfo> info(Throwable failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status == null) {
      return Optional.empty();
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return Optional.of(detail.unpack(ErrorInfo.class));
        } catch (InvalidProtocolBufferException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /** The reason that {@code failure} carries; empty when it is not one of ours. */
  static String reason(Throwable failure) {
    return info(failure).map(ErrorInfo::getReason).orElse("");
  }

  /** The lines that {@code failure} carries. */
  static List<String> lines(Throwable failure) {
    Map<Integer, String> lines = new TreeMap<>();
    info(failure)
        .map(ErrorInfo::getMetadataMap)
        .orElse(Map.of())
        .forEach((key, value) -> {
          if (key.matches("error\\.[0-9]{1,4}")) {
            lines.put(Integer.valueOf(key.substring(LINE.length())), value);
          }
        });
    return List.copyOf(lines.values());
  }
}
