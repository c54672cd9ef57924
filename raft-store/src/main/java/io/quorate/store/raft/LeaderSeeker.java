package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.GroupQuestion;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Knows who leads: from the own Raft server as long as that knows, else from the other members. So
 * a member whose Raft server is closed, or cut off, still brings requests to the leader.
 */
final class LeaderSeeker {
  private static final Duration QUESTION = Duration.ofMillis(500);
  private static final Duration ASK_AGAIN = Duration.ofMillis(200);
  private static final Duration HEARSAY = Duration.ofSeconds(2);

  private record Hint(Voters.Peer leader, BootTime at) {}

  private final RaftStoreConfig config;
  private final MemberCalls calls;
  private final Supplier<RaftNode> node;
  private final MonotonicClock clock;
  private final AtomicReference<Optional<Hint>> hint = new AtomicReference<>(Optional.empty());
  private final AtomicReference<BootTime> asked;

  LeaderSeeker(
      RaftStoreConfig config, MemberCalls calls, Supplier<RaftNode> node, MonotonicClock clock) {
    this.config = config;
    this.calls = calls;
    this.node = node;
    this.clock = clock;
    this.asked = new AtomicReference<>(clock.now().minus(ASK_AGAIN));
  }

  /** Another member that leads, as far as known. */
  Optional<Voters.Peer> otherLeader() {
    RaftNode own = node.get();
    Optional<String> known = own.leader();
    if (known.isPresent()) {
      return known.filter(id -> !id.equals(own.peer())).flatMap(own.voters()::find);
    }
    BootTime now = clock.now();
    return hint.get()
        .filter(heard -> heard.at().until(now).compareTo(HEARSAY) < 0)
        .map(Hint::leader);
  }

  /** Asks the others, unless that was done a moment ago. */
  void seek() {
    BootTime now = clock.now();
    BootTime last = asked.get();
    if (last.until(now).compareTo(ASK_AGAIN) < 0 || !asked.compareAndSet(last, now)) {
      return;
    }
    for (RaftStoreConfig.Member other : config.others()) {
      var _ =
          calls
              .call(
                  other.memberAddress().toString(),
                  VoterRequest.newBuilder()
                      .setGroupState(
                          GroupQuestion.newBuilder().setBootstrapMember(config.bootstrapMember())),
                  QUESTION)
              .thenAccept(answer -> {
                if (calls.ours(answer.getGroupState())) {
                  heard(answer.getGroupState().getLeaderAddress());
                }
              });
    }
  }

  private void heard(String address) {
    if (!address.isEmpty() && !address.equals(config.self().memberAddress().toString())) {
      hint.set(Optional.of(new Hint(new Voters.Peer("at " + address, "", address), clock.now())));
    }
  }
}
