package io.quorate.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.time.SystemTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that knows nothing but the address: it learns services and messages by reflection. */
final class ReflectionOnlyTest {

  private static final long PATIENCE_SECONDS = 10;

  private final FakeAgent agent = new FakeAgent();
  private AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> guard,
            agent,
            time,
            loops);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new IllegalStateException("no answer"));
                  }
                });
    requests.onNext(request);
    ServerReflectionResponse response = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    requests.onCompleted();
    return response;
  }

  @Test
  void servicesAreListed() throws Exception {
    List<String> services =
        reflect(ServerReflectionRequest.newBuilder().setListServices("").build())
            .getListServicesResponse()
            .getServiceList()
            .stream()
            .map(service -> service.getName())
            .toList();
    assertThat(services)
        .containsExactlyInAnyOrder(
            "quorate.admin.v1.Admin",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection");
  }

  @Test
  void statusIsReadWithDescriptorsFetchedByReflection() throws Exception {
    MethodDescriptor method = admin().findMethodByName("GetStatus");
    DynamicMessage status =
        ClientCalls.blockingUnaryCall(
            channel,
            grpcMethod(method),
            CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS),
            DynamicMessage.getDefaultInstance(method.getInputType()));
    assertThat(field(status, "scope")).isEqualTo("demo");
    assertThat(field(status, "primary")).isEqualTo("a");
    DynamicMessage node = (DynamicMessage) field(status, "node");
    assertThat(field(node, "primary")).isEqualTo(true);
    assertThat(field(node, "lease_left_ms")).isEqualTo(2000L);
    assertThat((List<?>) field(status, "members")).hasSize(2);
  }

  @Test
  void stopClusterIsAskedTheSameWay() throws Exception {
    MethodDescriptor method = admin().findMethodByName("StopCluster");
    ClientCalls.blockingUnaryCall(
        channel,
        grpcMethod(method),
        CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS),
        DynamicMessage.getDefaultInstance(method.getInputType()));
    assertThat(agent.stops).hasValue(1);
  }

  private static Object field(DynamicMessage message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }

  private Descriptors.ServiceDescriptor admin() throws Exception {
    ServerReflectionResponse response =
        reflect(
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("quorate.admin.v1.Admin")
                .build());
    Map<String, FileDescriptorProto> files = new HashMap<>();
    for (var bytes : response.getFileDescriptorResponse().getFileDescriptorProtoList()) {
      FileDescriptorProto file = FileDescriptorProto.parseFrom(bytes);
      files.put(file.getName(), file);
    }
    FileDescriptorProto file = files.get("quorate/admin/v1/admin.proto");
    assertThat(file).isNotNull();
    assertThat(file.getDependencyList()).isEmpty();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findServiceByName("Admin");
  }

  private static io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> grpcMethod(
      MethodDescriptor method) {
    return io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(
            io.grpc.MethodDescriptor.generateFullMethodName(
                method.getService().getFullName(), method.getName()))
        .setRequestMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
        .setResponseMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
        .build();
  }
}
