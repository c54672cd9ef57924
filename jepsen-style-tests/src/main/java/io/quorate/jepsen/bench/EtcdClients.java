package io.quorate.jepsen.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.StatusRequest;
import io.quorate.proto.etcd.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of etcd's API, the same for every store. One thread reads and writes for all of them and
 * runs their callbacks, so that the clients take little of the machine from the servers.
 */
final class EtcdClients implements AutoCloseable {

  private static final long CALL_MS = 500;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, Thread.ofPlatform().daemon().name("client-", 1).factory(), NioIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** A connection of its own to {@code port}; closed with this. */
  ManagedChannel connect(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .directExecutor()
            .build();
    channels.add(channel);
    return channel;
  }

  /** {@code count} connections, to the servers in turn. */
  List<ManagedChannel> connect(int count, List<Integer> ports) {
    List<ManagedChannel> connected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      connected.add(connect(ports.get(i % ports.size())));
    }
    return connected;
  }

  /** Ends these connections. */
  void disconnect(List<ManagedChannel> ended) {
    ended.forEach(ManagedChannel::shutdownNow);
    channels.removeAll(ended);
  }

  /** Index of the server that leads, once one does and serves; waits for it. */
  int awaitLeader(ServerGroup group) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(60)) {
      for (int i = 0; i < ServerGroup.SIZE; i++) {
        if (leads(group.ports().get(i)) && puts(group.ports().get(i))) {
          return i;
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    throw new IllegalStateException(group.name() + " has no leader that serves after 60 s");
  }

  /** Waits until every server answers a linearizable read. */
  void awaitAll(ServerGroup group) {
    group.ports().forEach(port -> awaitReads(group, port));
  }

  /** Waits until the server at {@code port} answers a linearizable read. */
  void awaitReads(ServerGroup group, int port) {
    ManagedChannel channel = connect(port);
    long began = System.nanoTime();
    while (!reads(channel)) {
      if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(60)) {
        throw new IllegalStateException(
            group.name() + " does not serve at port " + port + " after 60 s");
      }
      channel.resetConnectBackoff();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    disconnect(List.of(channel));
  }

  private boolean leads(int port) {
    return status(port)
        .filter(status ->
            status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId())
        .isPresent();
  }

  /** What the server at {@code port} says of itself, if it answers soon. */
  Optional<StatusResponse> status(int port) {
    ManagedChannel channel = connect(port);
    try {
      return Optional.of(
          MaintenanceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_MS, TimeUnit.MILLISECONDS)
              .status(StatusRequest.getDefaultInstance()));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    } finally {
      disconnect(List.of(channel));
    }
  }

  private boolean puts(int port) {
    ManagedChannel channel = connect(port);
    try {
      KVGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL_MS, TimeUnit.MILLISECONDS)
          .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("ready")).build());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    } finally {
      disconnect(List.of(channel));
    }
  }

  private static boolean reads(ManagedChannel channel) {
    try {
      KVGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL_MS, TimeUnit.MILLISECONDS)
          .range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("ready")).build());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
