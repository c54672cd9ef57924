package io.quorate.store.raft;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * What changes the group itself, not what it stores: its members, its leader, its snapshots. Never
 * blocks; each future fails with Ratis' exception, or with an {@link IOException} where this member
 * belongs to no group yet.
 */
final class GroupAdministration {
  private static final long SNAPSHOT_LIMIT_MILLIS = 10_000;

  private final String name;
  private final RaftServer server;
  private final InFlight inFlight;
  private final Supplier<RaftServer.@Nullable Division> division;

  /**
   * Asks {@code server}.
   *
   * @param name this member's, for its threads
   * @param division the server's part in the group; null before it belongs to one
   */
  GroupAdministration(
      String name,
      RaftServer server,
      InFlight inFlight,
      Supplier<RaftServer.@Nullable Division> division) {
    this.name = name;
    this.server = server;
    this.inFlight = inFlight;
    this.division = division;
  }

  /** Makes these the voters and listeners, provided that they are {@code present} now. */
  CompletableFuture<RaftClientReply> setMembers(
      Voters present, List<Voters.Peer> voters, List<Voters.Peer> listeners) {
    return ask(group ->
        server.setConfigurationAsync(
            new SetConfigurationRequest(
                inFlight.client(),
                server.getId(),
                group,
                inFlight.nextCall(),
                SetConfigurationRequest.Arguments.newBuilder()
                    .setServersInCurrentConf(
                        present.current().stream().map(RatisPeers::peer).toList())
                    .setListenersInCurrentConf(
                        present.listeners().stream().map(RatisPeers::listener).toList())
                    .setServersInNewConf(voters.stream().map(RatisPeers::peer).toList())
                    .setListenersInNewConf(listeners.stream().map(RatisPeers::listener).toList())
                    .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                    .build())));
  }

  /** Hands leadership to {@code target}; empty: to whoever is elected. */
  CompletableFuture<RaftClientReply> transfer(Optional<String> target, Duration timeout) {
    return ask(group ->
        server.transferLeadershipAsync(
            new TransferLeadershipRequest(
                inFlight.client(),
                server.getId(),
                group,
                inFlight.nextCall(),
                target.map(RaftPeerId::valueOf).orElse(null),
                timeout.toMillis())));
  }

  /** Takes a snapshot if anything was applied since the last one. */
  CompletableFuture<RaftClientReply> snapshot() {
    return ask(group ->
        server.snapshotManagementAsync(
            SnapshotManagementRequest.newCreate(
                inFlight.client(),
                server.getId(),
                group,
                inFlight.nextCall(),
                SNAPSHOT_LIMIT_MILLIS,
                1)));
  }

  private interface Request {
    CompletableFuture<RaftClientReply> send(RaftGroupId group) throws IOException;
  }

  /** Ratis blocks its caller for a while in these. */
  private CompletableFuture<RaftClientReply> ask(Request request) {
    CompletableFuture<RaftClientReply> future = new CompletableFuture<>();
    RaftServer.Division current = division.get();
    if (current == null) {
      future.completeExceptionally(new IOException("this member does not belong to a group yet"));
      return future;
    }
    Thread.ofVirtual()
        .name("quorate-administer-" + name)
        .start(() -> {
          try {
            var _ =
                request
                    .send(current.getMemberId().getGroupId())
                    .whenComplete((reply, thrown) -> {
                      if (thrown != null) {
                        future.completeExceptionally(thrown);
                      } else if (reply.isSuccess()) {
                        future.complete(reply);
                      } else {
                        future.completeExceptionally(reply.getException());
                      }
                    });
          } catch (IOException | RuntimeException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }
}
