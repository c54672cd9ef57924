package io.quorate.store.raft;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of a Raft connection, and in whose name a request is made. */
final class RaftPeerName {

  private RaftPeerName() {}

  /** The member that the caller's certificate speaks for. */
  static Optional<String> of(ServerCall<?, ?> call, RaftTls tls) {
    @Nullable SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate peer
          ? tls.member().apply(peer)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** The member in whose name {@code request} is made; empty for a request that is not known. */
  static Optional<String> sender(Object request) {
    Optional<RaftRpcRequestProto> header =
        switch (request) {
          case RequestVoteRequestProto vote -> Optional.of(vote.getServerRequest());
          case StartLeaderElectionRequestProto start -> Optional.of(start.getServerRequest());
          case AppendEntriesRequestProto append -> Optional.of(append.getServerRequest());
          case InstallSnapshotRequestProto snapshot -> Optional.of(snapshot.getServerRequest());
          case ReadIndexRequestProto read -> Optional.of(read.getServerRequest());
          default -> Optional.empty();
        };
    return header.map(h -> Identity.nameOf(h.getRequestorId().toStringUtf8()));
  }
}
