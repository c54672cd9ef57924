package io.quorate.jepsen.bench;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Keep-alives: streams on each of which the next one is sent when the last one is answered.
 *
 * @param streams how many, each with a connection of its own
 * @param leases how many are alive meanwhile
 */
record Renewals(int streams, int leases) {

  private static final long TTL_SECONDS = 600;
  private static final long FIRST_ID = 7_000_000;

  /** Measures at the leader. */
  Row.Sample measure(Row.Target target) {
    int leader = target.clients().awaitLeader(target.group());
    List<Integer> ports = List.of(target.group().ports().get(leader));
    List<ManagedChannel> channels = target.clients().connect(streams, ports);
    try {
      grant(channels.getFirst());
      List<Supplier<ListenableFuture<?>>> clients = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        clients.add(new Client(channels.get(i), i));
      }
      return ClosedLoop.run(clients, target.warmUp(), target.time());
    } finally {
      target.clients().disconnect(channels);
    }
  }

  /** Those of an earlier round may still be alive. */
  private void grant(ManagedChannel channel) {
    LeaseGrpc.LeaseBlockingStub stub = LeaseGrpc.newBlockingStub(channel);
    var alive = stub.leaseLeases(LeaseLeasesRequest.getDefaultInstance());
    for (int i = alive.getLeasesCount(); i < leases; i++) {
      var _ =
          stub.leaseGrant(
              LeaseGrantRequest.newBuilder().setID(FIRST_ID + i).setTTL(TTL_SECONDS).build());
    }
  }

  private final class Client
      implements Supplier<ListenableFuture<?>>, StreamObserver<LeaseKeepAliveResponse> {
    private final StreamObserver<LeaseKeepAliveRequest> requests;
    private SettableFuture<Object> answer = SettableFuture.create();
    private int next;

    Client(ManagedChannel channel, int first) {
      this.next = first;
      this.requests = LeaseGrpc.newStub(channel).leaseKeepAlive(this);
    }

    @Override
    public ListenableFuture<?> get() {
      SettableFuture<Object> asked = SettableFuture.create();
      answer = asked;
      requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(FIRST_ID + next).build());
      next = (next + streams) % leases;
      return asked;
    }

    @Override
    public void onNext(LeaseKeepAliveResponse response) {
      if (response.getTTL() > 0) {
        answer.set(true);
      } else {
        answer.setException(new IllegalStateException("the lease is gone"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      answer.setException(failure);
    }

    @Override
    public void onCompleted() {
      answer.setException(new IllegalStateException("the stream ended"));
    }
  }
}
