package io.quorate.store.raft;

import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * Turns down what is meant for another Raft id. Ratis 3.3.0 does not look at it: a member that came
 * back with an emptied disk and a new id would vote and confirm entries, at the address that is
 * still its, for the voter whose vote and log it does not have any more.
 */
final class RecipientOnly implements ServerInterceptor {
  private final ByteString self;

  RecipientOnly(String self) {
    this.self = ByteString.copyFromUtf8(self);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        Optional<ByteString> recipient =
            request(message).map(RaftRpcRequestProto::getReplyId).filter(id -> !id.equals(self));
        if (recipient.isEmpty()) {
          super.onMessage(message);
          return;
        }
        refused = true;
        call.close(
            Status.UNAVAILABLE.withDescription(
                "this is %s, not %s"
                    .formatted(self.toStringUtf8(), recipient.get().toStringUtf8())),
            new Metadata());
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private static Optional<RaftRpcRequestProto> request(Object message) {
    return switch (message) {
      case AppendEntriesRequestProto append -> Optional.of(append.getServerRequest());
      case RequestVoteRequestProto vote -> Optional.of(vote.getServerRequest());
      case InstallSnapshotRequestProto snapshot -> Optional.of(snapshot.getServerRequest());
      case StartLeaderElectionRequestProto start -> Optional.of(start.getServerRequest());
      case ReadIndexRequestProto read -> Optional.of(read.getServerRequest());
      default -> Optional.empty();
    };
  }
}
