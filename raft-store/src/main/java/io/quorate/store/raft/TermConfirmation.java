package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.GroupQuestion;
import io.quorate.proto.store.v1.VoterMessages.TermAnswer;
import io.quorate.proto.store.v1.VoterMessages.TermQuestion;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Asks voters for their term. A voter that answers with this leader's term has not voted in a later
 * one yet, so whoever leads after it is elected after the question was asked.
 */
final class TermConfirmation implements LeaderDesk.Asker {

  /** Where answers go. */
  interface Answers {
    void voterAnswered(long round, String voter, long term);
  }

  private final MemberCalls calls;
  private final Supplier<RaftNode> node;
  private final Answers answers;
  private final KnownEntries entries;
  private final MonotonicClock clock;
  private final Duration timeout;
  private final ConcurrentHashMap<String, BootTime> heard = new ConcurrentHashMap<>();
  private final Standings standings;

  TermConfirmation(
      MemberCalls calls,
      Supplier<RaftNode> node,
      Answers answers,
      KnownEntries entries,
      MonotonicClock clock,
      Duration timeout) {
    this.calls = calls;
    this.node = node;
    this.answers = answers;
    this.entries = entries;
    this.clock = clock;
    this.timeout = timeout;
    this.standings = new Standings(clock);
  }

  @Override
  public void ask(long round, Voters voters) {
    RaftNode own = node.get();
    for (Voters.Peer voter : voters.all()) {
      if (!voter.id().equals(own.peer())) {
        var _ =
            question(voter)
                .thenAccept(answer -> {
                  if (answer.isPresent()) {
                    answers.voterAnswered(round, voter.id(), answer.getAsLong());
                  }
                });
      }
    }
    // The own vote counts as any other: from a server that runs, read after the round began.
    OptionalLong term = own.term();
    if (term.isPresent()) {
      answers.voterAnswered(round, own.peer(), term.getAsLong());
    }
  }

  /** Finds out which of the others can be reached. */
  void pulse() {
    RaftNode own = node.get();
    for (Voters.Peer voter : own.voters().members()) {
      if (!voter.id().equals(own.peer())) {
        var _ = question(voter);
      }
    }
  }

  /** The most that the voter of that Raft id was heard to have. */
  Standing standing(String voter) {
    return standings.of(voter);
  }

  /** Whether the voter has answered within {@code limit} before now. */
  boolean heardWithin(String voter, Duration limit) {
    BootTime at = heard.get(voter);
    return at != null && at.until(clock.now()).compareTo(limit) <= 0;
  }

  /** Whether the voter answers now; completes within the timeout, never exceptionally. */
  CompletableFuture<Boolean> answers(Voters.Peer voter) {
    return question(voter).thenApply(OptionalLong::isPresent);
  }

  /**
   * Whether the member's agent is there and of this store, though its Raft server may not run now;
   * not where another life of its storage runs. Completes within twice the timeout, never
   * exceptionally.
   */
  CompletableFuture<Boolean> present(Voters.Peer member) {
    return ask(member, VoterRequest.newBuilder().setTerm(TermQuestion.getDefaultInstance()))
        .thenCompose(answer ->
            answer.hasTerm()
                ? CompletableFuture.completedFuture(answer.getTerm().getPeer().equals(member.id()))
                : ask(
                        member,
                        VoterRequest.newBuilder()
                            .setGroupState(GroupQuestion.newBuilder().setPeer(node.get().peer())))
                    .thenApply(group -> isOurs(member, group)))
        .exceptionally(_ -> false);
  }

  private boolean isOurs(Voters.Peer member, VoterAnswer answer) {
    return answer.hasGroupState()
        && answer.getGroupState().getName().equals(member.name())
        && calls.ours(answer.getGroupState());
  }

  private CompletableFuture<VoterAnswer> ask(Voters.Peer member, VoterRequest.Builder request) {
    return calls.call(member.memberAddress(), request, timeout);
  }

  private CompletableFuture<OptionalLong> question(Voters.Peer voter) {
    return ask(voter, VoterRequest.newBuilder().setTerm(TermQuestion.getDefaultInstance()))
        .handle((answer, thrown) -> {
          if (thrown != null || !answer.hasTerm()) {
            return OptionalLong.empty();
          }
          TermAnswer said = answer.getTerm();
          // Another life of that member's storage is another voter.
          if (!said.getPeer().equals(voter.id())) {
            return OptionalLong.empty();
          }
          heard.put(voter.id(), clock.now());
          entries.said(voter.id(), said.getEntryLevel());
          standings.note(voter.id(), new Standing(said.getTerm(), said.getCommitIndex()));
          return OptionalLong.of(said.getTerm());
        });
  }
}
