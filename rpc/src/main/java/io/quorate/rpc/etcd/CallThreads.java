package io.quorate.rpc.etcd;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.quorate.proto.etcd.KVGrpc;
import java.util.concurrent.Executor;

/**
 * Where a request is served. Those to the KV service only hand over to the store, which never
 * blocks: they are served where they were read, which spares a request half a dozen switches of
 * threads. All others get threads of their own.
 */
final class CallThreads implements ServerCallExecutorSupplier {

  private final Executor threads;

  CallThreads(Executor threads) {
    this.threads = threads;
  }

  @Override
  public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
    return KVGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())
        ? Runnable::run
        : threads;
  }
}
