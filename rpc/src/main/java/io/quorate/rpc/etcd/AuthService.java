package io.quorate.rpc.etcd;

import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthStatusRequest;
import io.quorate.proto.etcd.AuthStatusResponse;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.AuthenticateResponse;

/** Says that etcd's authentication is not enabled; clients with a password go on without it. */
final class AuthService extends AuthGrpc.AuthImplBase {

  private final EtcdNode node;

  AuthService(EtcdNode node) {
    this.node = node;
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> observer) {
    EtcdNode.send(
        observer,
        AuthStatusResponse.newBuilder().setHeader(node.header()).setAuthRevision(1).build());
  }

  @Override
  public void authenticate(
      AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
    observer.onError(EtcdErrors.thrown(EtcdErrors.AUTH_NOT_ENABLED));
  }
}
