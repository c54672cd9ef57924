package io.quorate.rpc.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.time.TaskScheduler;

/** etcd's Watch service. */
final class WatchService extends WatchGrpc.WatchImplBase {

  private final EtcdNode node;
  private final EtcdSettings.Limits limits;
  private final TaskScheduler scheduler;

  WatchService(EtcdNode node, EtcdSettings.Limits limits, TaskScheduler scheduler) {
    this.node = node;
    this.limits = limits;
    this.scheduler = scheduler;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
    return new WatchStream(
        node, limits, scheduler, (ServerCallStreamObserver<WatchResponse>) observer);
  }
}
