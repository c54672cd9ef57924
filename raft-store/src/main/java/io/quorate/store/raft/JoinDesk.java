package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer.Verdict;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes members in that want to join, one at a time; the leader's affair. */
final class JoinDesk {
  private static final Logger LOG = LoggerFactory.getLogger(JoinDesk.class);

  /** An answer comes within this time, if only to say that it takes longer. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * A joiner that answers but never catches up would block every later change; Ratis has no way to
   * call it off, but the next leader knows nothing of it.
   */
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(60);

  private final RaftStoreConfig config;
  private final Supplier<RaftNode> node;
  private final BooleanSupplier leading;
  private final TaskScheduler scheduler;
  private final AtomicBoolean changing = new AtomicBoolean();

  JoinDesk(
      RaftStoreConfig config,
      Supplier<RaftNode> node,
      BooleanSupplier leading,
      TaskScheduler scheduler) {
    this.config = config;
    this.node = node;
    this.leading = leading;
    this.scheduler = scheduler;
  }

  /** Answers a request to join; completes within {@link #PATIENCE} or so. */
  CompletableFuture<JoinAnswer> join(JoinRequest request) {
    RaftNode current = node.get();
    Voters voters = current.voters();
    if (!leading.getAsBoolean()) {
      String leader =
          current.leader().flatMap(voters::find).map(Voters.Peer::memberAddress).orElse("");
      return done(Verdict.VERDICT_NOT_LEADER, "does not lead the store", leader);
    }
    if (voters.outgoing().isEmpty() && voters.find(request.getPeer()).isPresent()) {
      return done(Verdict.VERDICT_MEMBER, "", "");
    }
    Optional<String> objection = objection(request, voters);
    if (objection.isPresent()) {
      return done(Verdict.VERDICT_REFUSED, objection.get(), "");
    }
    RaftStoreConfig.Member member = config.member(request.getName()).orElseThrow();
    return changing.compareAndSet(false, true)
        ? add(
            current,
            new Voters.Peer(
                request.getPeer(), member.address().toString(), member.memberAddress().toString()))
        : done(Verdict.VERDICT_LATER, "another member is being added", "");
  }

  private Optional<String> objection(JoinRequest request, Voters voters) {
    String name = request.getName();
    Optional<RaftStoreConfig.Member> member = config.member(name);
    if (member.isEmpty()) {
      return Optional.of(
          "'%s' is not in raft.members of %s: add it there".formatted(name, config.name()));
    }
    if (!Identity.nameOf(request.getPeer()).equals(name)) {
      return Optional.of("'%s' does not ask under its own name".formatted(name));
    }
    if (!request.getRaftAddress().equals(member.get().address().toString())
        || !request.getMemberAddress().equals(member.get().memberAddress().toString())) {
      return Optional.of(
          "raft.members of %s says that %s is at %s and %s, but it says %s and %s: correct either"
              .formatted(
                  config.name(),
                  name,
                  member.get().address(),
                  member.get().memberAddress(),
                  request.getRaftAddress(),
                  request.getMemberAddress()));
    }
    return voters.all().stream()
        .filter(voter -> voter.name().equals(name))
        .findFirst()
        .map(voter ->
            ("%s is a member already, as %s; its storage was emptied or exchanged since."
                    + " Remove the old identity, then it can join anew")
                .formatted(name, voter.id()));
  }

  private CompletableFuture<JoinAnswer> add(RaftNode current, Voters.Peer peer) {
    LOG.info("Adding {} to the store's voters", peer.name());
    CompletableFuture<?> change = current.addVoter(peer);
    TaskScheduler.Cancellable limit =
        scheduler.schedule(
            CHANGE_LIMIT,
            () -> {
              LOG.warn(
                  "{} does not catch up; giving up leadership to end its joining", peer.name());
              var _ = current.transfer(Optional.empty(), PATIENCE);
            });
    CompletableFuture<JoinAnswer> answer =
        change.handle((_, thrown) -> {
          limit.cancel();
          changing.set(false);
          if (thrown == null) {
            LOG.info("{} is a voter of the store now", peer.name());
            return answer(Verdict.VERDICT_MEMBER, "", "");
          }
          LOG.info("{} was not added: {}", peer.name(), thrown.getMessage());
          return answer(Verdict.VERDICT_LATER, String.valueOf(thrown.getMessage()), "");
        });
    return answer
        .copy()
        .completeOnTimeout(
            answer(Verdict.VERDICT_LATER, "it is being added", ""),
            PATIENCE.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static CompletableFuture<JoinAnswer> done(Verdict verdict, String reason, String leader) {
    return CompletableFuture.completedFuture(answer(verdict, reason, leader));
  }

  private static JoinAnswer answer(Verdict verdict, String reason, String leader) {
    return JoinAnswer.newBuilder()
        .setVerdict(verdict)
        .setReason(reason)
        .setLeaderAddress(leader)
        .build();
  }
}
