package io.quorate.store.raft;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLogIOException;

/**
 * Ratis' gRPC, with followers told at once what is committed. Ratis itself tells them with the next
 * entry, which its own note of the commit index used to be, or else with the next heartbeat: a
 * watch at a follower would wait for that. Found by Ratis by its name.
 */
public final class PromptCommits implements RpcType {

  /** For Ratis. */
  public PromptCommits() {}

  @Override
  public String name() {
    return "GRPC";
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(parameters);
  }

  private static final class Factory extends GrpcFactory {
    Factory(Parameters parameters) {
      super(parameters);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState leader, FollowerInfo follower) {
      return new Appender(server, leader, follower);
    }
  }

  /** Sends to one follower, in one thread, whenever that is behind in entries or commits. */
  private static final class Appender extends GrpcLogAppender {
    /** Up to where the follower was told that the log is committed. */
    private long told = -1;

    Appender(RaftServer.Division server, LeaderState leader, FollowerInfo follower) {
      super(server, leader, follower);
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
        throws RaftLogIOException {
      // While entries are on their way to it a heartbeat could not say it; their answers wake this.
      boolean news =
          !hasAppendEntries()
              && !hasPendingDataRequests()
              && getRaftLog().getLastCommittedIndex() > told;
      AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat || news);
      if (request != null) {
        told = Math.max(told, committed(request));
      }
      return request;
    }

    /** What a follower takes from it: nothing beyond what it is known to share with the leader. */
    private static long committed(AppendEntriesRequestProto request) {
      long shared =
          request.hasPreviousLog() ? TermIndex.valueOf(request.getPreviousLog()).getIndex() : -1;
      return Math.min(request.getLeaderCommit(), shared + request.getEntriesCount());
    }
  }
}
