package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.proto.store.v1.VoterMessages.GroupQuestion;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.codec.CommandCodec;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
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
  private static final Duration REST_MAX = Duration.ofMinutes(10);

  /** What bootstrapping needs of its owner. */
  interface Owner {
    RaftNode node();

    Identity identity();

    /** Makes a change of the identity durable. */
    void identity(Identity changed) throws IOException;

    /** Says, at most every few seconds, what is waited for. */
    void waiting(String forWhat);

    /** This member is a voter or a listener. */
    void member();

    /** Time since any moment. */
    MonotonicClock clock();

    /** Waits; false when the store was closed. */
    boolean pause(Duration duration);
  }

  private final RaftStoreConfig config;
  private final MemberCalls calls;
  private final Owner owner;
  private final Supplier<UUID> newGroup;
  private final boolean doubtful;

  /** Since when the leader has tried to bring this member up to date. */
  private Optional<BootTime> tried = Optional.empty();

  /** Until when the leader is left alone, because it could not. */
  private Optional<BootTime> rests = Optional.empty();

  private Duration rest = Duration.ZERO;

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
      } catch (StoreRefusedException e) {
        // Said for good, and with its remedy; asked again, since the remedy may be elsewhere.
        owner.waiting(String.valueOf(e.getMessage()));
        wait = AFTER_REFUSAL;
      } catch (IOException | RuntimeException e) {
        owner.waiting("joining the store failed, it is tried again: " + e.getMessage());
        wait = AFTER_REFUSAL;
      }
    }
  }

  /** Whether this member is a voter or a listener. */
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
      return enter(UUID.fromString(groups.first()), replaced(answers));
    }
    return found(answers);
  }

  /** The storage of the group was made, but the last start ended before that was noted. */
  private boolean complete() throws IOException {
    owner.identity(owner.identity().asJoined());
    return false;
  }

  private boolean believed() {
    return !doubtful && belongs();
  }

  private boolean belongs() {
    Voters voters = owner.node().voters();
    String self = owner.node().peer();
    return voters.outgoing().isEmpty()
        && (voters.find(self).isPresent() || voters.listener(self).isPresent());
  }

  private static List<UUID> replaced(Map<String, GroupAnswer> answers) {
    return answers.values().stream()
        .flatMap(answer -> answer.getReplacedList().stream())
        .distinct()
        .map(UUID::fromString)
        .toList();
  }

  private boolean enter(UUID group, List<UUID> replaced) throws IOException {
    owner.identity(owner.identity().joining(group, replaced));
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
    owner.identity(owner.identity().joining(group, List.of()));
    owner.node().found(group, config.self());
    owner.identity(owner.identity().asJoined());
    return belongs();
  }

  /**
   * Asks the leader to be taken in, unless that has taken too long: while it is tried no other
   * change can be made, and to end it costs the store a change of leader. So it is not asked of the
   * next leader at once, and later and later if it fails again.
   */
  private boolean joined() throws IOException {
    BootTime now = owner.clock().now();
    if (rests.filter(now::isBefore).isPresent()) {
      return believed();
    }
    Duration limit = config.timing().joining().multipliedBy(3).dividedBy(4);
    if (tried.filter(since -> since.until(now).compareTo(limit) >= 0).isPresent()) {
      Duration doubled = rest.isZero() ? config.timing().joining() : rest.multipliedBy(2);
      rest = doubled.compareTo(REST_MAX) > 0 ? REST_MAX : doubled;
      rests = Optional.of(now.plus(rest));
      tried = Optional.empty();
      owner.waiting(
          ("joining the store takes too long: the state does not arrive, or not as fast as it"
                  + " changes; see to the network and the disk. Asking again in %d s")
              .formatted(rest.toSeconds()));
      return believed();
    }
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
                    .setWasVoter(owner.identity().voter())
                    .setEntryLevel(CommandCodec.LEVEL));
    Optional<VoterAnswer> answer = await(calls.call(leader.get(), request, JOIN));
    if (answer.isPresent() && answer.get().hasJoin()) {
      JoinAnswer said = answer.get().getJoin();
      if (said.getVerdict() == JoinAnswer.Verdict.VERDICT_REFUSED) {
        throw new StoreRefusedException(
            "%s does not take this member in: %s".formatted(leader.get(), said.getReason()));
      }
      if (said.getVerdict() != JoinAnswer.Verdict.VERDICT_BEING_ADDED) {
        tried = Optional.empty();
      } else {
        // Until then a majority of the former members is needed too, so it is no member yet.
        owner.waiting("being added to the store by " + leader.get());
        tried = tried.or(() -> Optional.of(now));
      }
      return said.getVerdict() == JoinAnswer.Verdict.VERDICT_MEMBER && belongs();
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

  /** Asks the others of what store they are; waits for them, but not long. */
  Map<String, GroupAnswer> askOthers() {
    Map<String, CompletableFuture<VoterAnswer>> asked = new LinkedHashMap<>();
    for (RaftStoreConfig.Member other : config.others()) {
      asked.put(
          other.name(),
          calls.call(
              other.memberAddress().toString(),
              VoterRequest.newBuilder()
                  .setGroupState(
                      GroupQuestion.newBuilder()
                          .setBootstrapMember(config.bootstrapMember())
                          .setPeer(owner.identity().peer())),
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
