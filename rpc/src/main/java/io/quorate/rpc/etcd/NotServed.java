package io.quorate.rpc.etcd;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says of what etcd serves and Quorate does not that it is not served, and what to do instead. */
final class NotServed extends HandlerRegistry {

  private static final String MEMBERS =
      "members of the store are changed with Quorate's own command line, not through etcd's API";
  private static final String NO_AUTH =
      "authentication is not enabled, and users and roles are not served";

  private static final Map<String, String> WHY =
      Map.of(
          "etcdserverpb.Auth",
          NO_AUTH,
          "etcdserverpb.Cluster",
          MEMBERS,
          "etcdserverpb.Maintenance/Snapshot",
          "snapshot files in etcd's format are not served; the store keeps its own snapshots",
          "etcdserverpb.Maintenance/Downgrade",
          "there is no etcd version here to go back to",
          "v3lockpb.Lock",
          "the lock service is not served; clients that lock with leases and transactions (as"
              + " etcdctl lock does) work",
          "v3electionpb.Election",
          "the election service is not served; clients that elect with leases and transactions"
              + " (as etcdctl elect does) work");

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(method)
            .setRequestMarshaller(new Raw())
            .setResponseMarshaller(new Raw())
            .build();
    return ServerMethodDefinition.create(descriptor, new Refusal(text(method)));
  }

  /** The answer to {@code method}, "package.Service/Method". */
  static String text(String method) {
    int slash = method.lastIndexOf('/');
    String service = slash < 0 ? method : method.substring(0, slash);
    String why = WHY.getOrDefault(method, WHY.get(service));
    return "etcdserver: " + method + " is not served" + (why == null ? "" : ": " + why);
  }

  private record Refusal(String text) implements ServerCallHandler<byte[], byte[]> {
    @Override
    public ServerCall.Listener<byte[]> startCall(
        ServerCall<byte[], byte[]> call, Metadata headers) {
      call.close(Status.UNIMPLEMENTED.withDescription(text), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
