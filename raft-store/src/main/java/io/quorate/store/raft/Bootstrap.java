package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.proto.store.v1.VoterMessages.GroupQuestion;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Brings a member that has no group yet into one: into the one that exists, or into a new one if
 * this member is designated to found it and every other listed member says that it has none either.
 * Runs in a thread of its own until this member is a voter.
 */
final class Bootstrap implements Runnable {
  private static final Duration QUESTION = Duration.ofMillis(800);
  private static final Duration JOIN = Duration.ofSeconds(4);
  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(3);

  /** What bootstrapping needs of its owner. */
  interface Owner {
    RaftNode node();

    Identity identity();

    /** Makes a change of the identity durable. */
    void identity(Identity changed) throws IOException;

    /** Says, at most every few seconds, what is waited for. */
    void waiting(String forWhat);

    /** This member is a voter. */
    void member();

    /** Waits; false when the store was closed. */
    boolean pause(Duration duration);
  }

  private final RaftStoreConfig config;
  private final MemberCalls calls;
  private final Owner owner;
  private final Supplier<UUID> newGroup;
  private final boolean doubtful;

  /**
   * @param newGroup source of randomness for a new group's id
   * @param doubtful whether the own log is not to be believed that this member is a voter, only the
   *     leader: one that was removed may never have been told
   */
  Bootstrap(
      RaftStoreConfig config,
      MemberCalls calls,
      Owner owner,
      Supplier<UUID> newGroup,
      boolean doubtful) {
    this.config = config;
    this.calls = calls;
    this.owner = owner;
    this.newGroup = newGroup;
    this.doubtful = doubtful;
  }

  @Override
  public void run() {
    Duration wait = Duration.ZERO;
    while (owner.pause(wait)) {
      try {
        if (step()) {
          owner.member();
          return;
        }
        wait = AGAIN;
      } catch (IOException | RuntimeException e) {
        owner.waiting("joining the store failed, it is tried again: " + e.getMessage());
        wait = AFTER_REFUSAL;
      }
    }
  }

  /** Whether this member is a voter. */
  private boolean step() throws IOException {
    if (owner.node().hasGroup()) {
      return owner.identity().joined() ? believed() || joined() : complete();
    }
    Map<String, GroupAnswer> answers = askOthers();
    TreeSet<String> groups = new TreeSet<>();
    answers.values().stream()
        .map(GroupAnswer::getGroup)
        .filter(group -> !group.isEmpty())
        .forEach(groups::add);
    if (groups.size() > 1) {
      owner.waiting("the members belong to different stores " + groups + ": end all but one");
      return false;
    }
    if (groups.size() == 1) {
      return enter(UUID.fromString(groups.first()));
    }
    return found(answers);
  }

  /** The storage of the group was made, but the last start ended before that was noted. */
  private boolean complete() throws IOException {
    owner.identity(owner.identity().asJoined());
    return false;
  }

  private boolean believed() {
    return !doubtful && isVoter();
  }

  private boolean isVoter() {
    Voters voters = owner.node().voters();
    return voters.outgoing().isEmpty() && voters.find(owner.node().peer()).isPresent();
  }

  private boolean enter(UUID group) throws IOException {
    owner.identity(owner.identity().joining(group));
    owner.node().join(group);
    owner.identity(owner.identity().asJoined());
    return false;
  }

  private boolean found(Map<String, GroupAnswer> answers) throws IOException {
    List<String> silent = new ArrayList<>();
    for (RaftStoreConfig.Member other : config.others()) {
      GroupAnswer answer = answers.get(other.name());
      if (answer == null) {
        silent.add(other.name());
      } else if (!answer.getBootstrapMember().equals(config.bootstrapMember())) {
        owner.waiting(
            "raft.bootstrap_member: %s designates %s, but %s designates %s; make them agree"
                .formatted(
                    config.name(),
                    config.bootstrapMember(),
                    other.name(),
                    answer.getBootstrapMember()));
        return false;
      }
    }
    if (!config.bootstrapMember().equals(config.name())) {
      owner.waiting(
          "waiting for %s, which is to found the store; if it is lost for good, designate another"
                  .formatted(config.bootstrapMember())
              + " by raft.bootstrap_member on all members");
      return false;
    }
    if (!silent.isEmpty()) {
      owner.waiting(
          "waiting for %s: the store is founded only when every member has said that there is none"
                  .formatted(String.join(", ", silent))
              + " yet");
      return false;
    }
    UUID group = newGroup.get();
    owner.identity(owner.identity().joining(group));
    owner.node().found(group, config.self());
    owner.identity(owner.identity().asJoined());
    return isVoter();
  }

  /** Asks the leader to be taken in. */
  private boolean joined() throws IOException {
    Optional<String> leader = leaderAddress();
    if (leader.isEmpty()) {
      owner.waiting("waiting for the store's leader, to join");
      return false;
    }
    RaftStoreConfig.Member self = config.self();
    VoterRequest.Builder request =
        VoterRequest.newBuilder()
            .setJoin(
                JoinRequest.newBuilder()
                    .setPeer(owner.node().peer())
                    .setName(self.name())
                    .setRaftAddress(self.address().toString())
                    .setMemberAddress(self.memberAddress().toString())
                    .setWasVoter(owner.identity().voter()));
    Optional<VoterAnswer> answer = await(calls.call(leader.get(), request, JOIN));
    if (answer.isPresent() && answer.get().hasJoin()) {
      JoinAnswer said = answer.get().getJoin();
      if (said.getVerdict() == JoinAnswer.Verdict.VERDICT_REFUSED) {
        throw new StoreRefusedException(
            "%s does not take this member in: %s".formatted(leader.get(), said.getReason()));
      }
      return said.getVerdict() == JoinAnswer.Verdict.VERDICT_MEMBER && isVoter();
    }
    return believed();
  }

  private Optional<String> leaderAddress() {
    RaftNode node = owner.node();
    Optional<String> known =
        node.leader().flatMap(node.voters()::find).map(Voters.Peer::memberAddress);
    if (known.isPresent()) {
      return known;
    }
    return askOthers().values().stream()
        .map(GroupAnswer::getLeaderAddress)
        .filter(address -> !address.isEmpty())
        .findFirst();
  }

  private Map<String, GroupAnswer> askOthers() {
    Map<String, CompletableFuture<VoterAnswer>> asked = new LinkedHashMap<>();
    for (RaftStoreConfig.Member other : config.others()) {
      asked.put(
          other.name(),
          calls.call(
              other.memberAddress().toString(),
              VoterRequest.newBuilder()
                  .setGroupState(
                      GroupQuestion.newBuilder().setBootstrapMember(config.bootstrapMember())),
              QUESTION));
    }
    Map<String, GroupAnswer> answers = new LinkedHashMap<>();
    asked.forEach((name, call) ->
        await(call)
            .filter(VoterAnswer::hasGroupState)
            .map(VoterAnswer::getGroupState)
            .filter(answer -> answer.getName().equals(name))
            .ifPresent(answer -> answers.put(name, answer)));
    return answers;
  }

  private static Optional<VoterAnswer> await(CompletableFuture<VoterAnswer> call) {
    return call.handle((answer, thrown) -> thrown == null ? Optional.of(answer) : none()).join();
  }

  private static Optional<VoterAnswer> none() {
    return Optional.empty();
  }
}
