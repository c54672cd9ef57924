package io.quorate.rpc.grpc;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.rpc.access.AccessGuard;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Lets through what only shows; everything else the guard judges. */
final class AccessInterceptor implements ServerInterceptor {

  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** By name, so that a method that is forgotten here is guarded. */
  private static final Pattern SHOWS = Pattern.compile("(Get|Watch|Explain).*");

  private final Supplier<AccessGuard> guard;

  AccessInterceptor(Supplier<AccessGuard> guard) {
    this.guard = guard;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = String.valueOf(call.getMethodDescriptor().getBareMethodName());
    if (SHOWS.matcher(method).matches()) {
      return next.startCall(call, headers);
    }
    Optional<AccessGuard.Refusal> refusal =
        address(call)
            .map(from -> guard.get().judge(from, Optional.ofNullable(headers.get(AUTHORIZATION))))
            .orElse(Optional.of(AccessGuard.Refusal.NOT_CONFIGURED));
    if (refusal.isEmpty()) {
      return next.startCall(call, headers);
    }
    StatusRuntimeException error = error(refusal.get());
    Metadata trailers = error.getTrailers();
    call.close(error.getStatus(), trailers == null ? new Metadata() : trailers);
    return new ServerCall.Listener<>() {};
  }

  private static Optional<InetAddress> address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress a
        ? Optional.ofNullable(a.getAddress())
        : Optional.empty();
  }

  private static StatusRuntimeException error(AccessGuard.Refusal refusal) {
    Status.Code code =
        switch (refusal) {
          case NO_CREDENTIALS, WRONG_CREDENTIALS -> Status.Code.UNAUTHENTICATED;
          case NOT_ALLOWLISTED, NOT_CONFIGURED -> Status.Code.PERMISSION_DENIED;
        };
    return Errors.of(code, refusal.name(), refusal.text());
  }
}
