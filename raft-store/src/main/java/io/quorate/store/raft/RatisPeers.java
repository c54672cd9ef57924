package io.quorate.store.raft;

import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftConfiguration;

/** Members as Ratis names them, and as the store does. */
final class RatisPeers {
  private RatisPeers() {}

  static RaftPeer peer(Voters.Peer peer) {
    return RaftPeer.newBuilder()
        .setId(peer.id())
        .setAddress(peer.raftAddress())
        .setClientAddress(peer.memberAddress())
        .build();
  }

  static RaftPeer listener(Voters.Peer peer) {
    return RaftPeer.newBuilder(peer(peer)).setStartupRole(RaftPeerRole.LISTENER).build();
  }

  static Voters voters(RaftConfiguration configuration) {
    return new Voters(
        configuration.getLogEntryIndex(),
        configuration.getCurrentPeers().stream().map(RatisPeers::peer).toList(),
        configuration.getPreviousPeers().stream().map(RatisPeers::peer).toList(),
        configuration.getCurrentPeers(RaftPeerRole.LISTENER).stream()
            .map(RatisPeers::peer)
            .toList());
  }

  private static Voters.Peer peer(RaftPeer peer) {
    return new Voters.Peer(
        peer.getId().toString(),
        String.valueOf(peer.getAddress()),
        String.valueOf(peer.getClientAddress()));
  }
}
