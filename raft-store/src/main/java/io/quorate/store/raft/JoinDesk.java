package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer.Verdict;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Phase;
import io.quorate.store.Membership.Progress;
import io.quorate.store.StoreError;
import io.quorate.store.codec.CommandCodec;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes the voters, one change at a time; the leader's affair. */
final class JoinDesk {
  private static final Logger LOG = LoggerFactory.getLogger(JoinDesk.class);

  /** An answer comes within this time, if only to say that it takes longer. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A wish that waits for its joiner, and that nobody asks about any more, is dropped. */
  private static final Duration WISH_LIFE = Duration.ofSeconds(10);

  /** Whoever has not asked for so long, though every second was agreed, leaves room for others. */
  private static final Duration WISH_PAUSE = Duration.ofSeconds(3);

  /** Before that who has not answered may merely not have been asked yet. */
  private static final Duration ACQUAINTANCE = Duration.ofSeconds(3);

  private record Wish(Change change, BootTime asked) {}

  private final RaftStoreConfig config;
  private final Supplier<RaftNode> node;
  private final BooleanSupplier leading;
  private final Predicate<String> reachable;
  private final Function<Voters.Peer, CompletableFuture<Boolean>> answers;
  private final Function<Voters.Peer, CompletableFuture<Boolean>> present;
  private final Function<String, Standing> standings;
  private final MonotonicClock clock;
  private final BootTime begun;
  private final TaskScheduler scheduler;

  /** What is under way, for people; empty when nothing is. */
  private final AtomicReference<String> underWay = new AtomicReference<>("");

  /** Raft id of the member that is being added; empty when none is. */
  private final AtomicReference<String> joining = new AtomicReference<>("");

  private final AtomicReference<Optional<Wish>> wish = new AtomicReference<>(Optional.empty());

  /**
   * @param reachable whether a voter, by its Raft id, answered a moment ago
   * @param answers whether a voter answers now
   * @param present whether a member's agent answers, though its Raft server may not run now
   * @param standings how far a member, by its Raft id, was heard to be
   */
  JoinDesk(
      RaftStoreConfig config,
      Supplier<RaftNode> node,
      BooleanSupplier leading,
      Predicate<String> reachable,
      Function<Voters.Peer, CompletableFuture<Boolean>> answers,
      Function<Voters.Peer, CompletableFuture<Boolean>> present,
      Function<String, Standing> standings,
      MonotonicClock clock,
      TaskScheduler scheduler) {
    this.config = config;
    this.node = node;
    this.leading = leading;
    this.reachable = reachable;
    this.answers = answers;
    this.present = present;
    this.standings = standings;
    this.clock = clock;
    this.begun = clock.now();
    this.scheduler = scheduler;
  }

  /** Begins an operator's change, or says how far it has come; within {@link #PATIENCE} or so. */
  CompletableFuture<Attempt<Progress>> change(Change change) {
    RaftNode current = node.get();
    Voters voters = current.voters();
    String busy = underWay.get();
    if (!busy.isEmpty() || !voters.outgoing().isEmpty()) {
      return served(Phase.UNDER_WAY, busy.isEmpty() ? "the voters are changing" : busy);
    }
    if (begun.until(clock.now()).compareTo(ACQUAINTANCE) < 0) {
      return served(Phase.UNDER_WAY, "finding out who can be reached");
    }
    // A wish about the same member corrects the earlier one.
    Optional<Wish> other =
        wish(WISH_PAUSE).filter(present -> !present.change().name().equals(change.name()));
    if (other.isPresent()) {
      return refused("another change is under way, of " + other.get().change().name());
    }
    if (change instanceof Change.Replace replace && reachable.test(replace.id())) {
      // Whoever was ended a moment ago was heard of a moment ago: it is asked now.
      return voters
          .find(replace.id())
          .map(answers)
          .orElseGet(() -> CompletableFuture.completedFuture(false))
          .thenCompose(alive ->
              judged(
                  change,
                  current,
                  voters,
                  id -> id.equals(replace.id()) ? alive : reachable.test(id)));
    }
    Optional<Voters.Peer> promoted =
        change instanceof Change.Promote
            ? voters.listeners().stream()
                .filter(peer -> peer.name().equals(change.name()))
                .findFirst()
            : Optional.empty();
    return promoted
        .map(listener -> promote(change, current, voters, listener))
        .orElseGet(() -> judged(change, current, voters, reachable));
  }

  /** A listener's Raft server is started again right after it was added: that is waited for. */
  private CompletableFuture<Attempt<Progress>> promote(
      Change change, RaftNode current, Voters voters, Voters.Peer listener) {
    return answers
        .apply(listener)
        .thenCompose(alive ->
            alive
                ? judged(change, current, voters, _ -> true)
                : present
                    .apply(listener)
                    .thenCompose(there ->
                        there
                            ? served(
                                Phase.UNDER_WAY,
                                "waiting for %s, whose Raft server does not run yet"
                                    .formatted(listener.name()))
                            : judged(change, current, voters, _ -> false)));
  }

  private CompletableFuture<Attempt<Progress>> judged(
      Change change, RaftNode current, Voters voters, Predicate<String> alive) {
    return switch (MemberRules.judge(
        change,
        voters,
        current.peer(),
        alive,
        id -> current.commitIndex() - standings.apply(id).index())) {
      case MemberRules.Verdict.Done(String text) -> {
        wish.set(Optional.empty());
        yield served(Phase.DONE, text);
      }
      case MemberRules.Verdict.Refused(String text) -> refused(text);
      case MemberRules.Verdict.Await(String text) -> {
        wish.set(Optional.of(new Wish(change, clock.now())));
        yield served(Phase.WAITING, text);
      }
      case MemberRules.Verdict.HandOver(String heir) ->
          current
              .administration()
              .transfer(Optional.of(heir), PATIENCE)
              .handle((_, thrown) ->
                  new Attempt.NotNow<>(
                      thrown == null
                          ? "leadership was handed over first"
                          : "leadership could not be handed over: " + thrown.getMessage()));
      case MemberRules.Verdict.Become(List<Voters.Peer> wanted, List<Voters.Peer> listening) ->
          become(current, voters, wanted, listening, doing(change))
              .<Attempt<Progress>>thenApply(problem ->
                  new Attempt.Served<>(
                      problem.isEmpty()
                          ? new Progress(Phase.DONE, done(change))
                          : new Progress(Phase.UNDER_WAY, problem)))
              .copy()
              .completeOnTimeout(
                  new Attempt.Served<>(new Progress(Phase.UNDER_WAY, "the voters are changing")),
                  PATIENCE.toMillis(),
                  TimeUnit.MILLISECONDS);
    };
  }

  private static String doing(Change change) {
    return (change instanceof Change.Promote ? "promoting " : "removing ") + change.name();
  }

  private static String done(Change change) {
    return change.name()
        + (change instanceof Change.Promote ? " is a voter now" : " is no voter any more");
  }

  /** What is wished for and was asked about within {@code limit}. */
  private Optional<Wish> wish(Duration limit) {
    return wish.get().filter(present -> present.asked().until(clock.now()).compareTo(limit) < 0);
  }

  private static CompletableFuture<Attempt<Progress>> served(Phase phase, String text) {
    return CompletableFuture.completedFuture(new Attempt.Served<>(new Progress(phase, text)));
  }

  private static CompletableFuture<Attempt<Progress>> refused(String text) {
    return CompletableFuture.completedFuture(
        new Attempt.Refused<>(new StoreError(StoreError.Code.INVALID_ARGUMENT, text)));
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
    if (joining.get().equals(request.getPeer())) {
      return done(Verdict.VERDICT_BEING_ADDED, "it is being added", "");
    }
    if (!voters.outgoing().isEmpty()) {
      return done(Verdict.VERDICT_LATER, "the voters are changing", "");
    }
    if (voters.find(request.getPeer()).isPresent()
        || voters.listener(request.getPeer()).isPresent()) {
      return done(Verdict.VERDICT_MEMBER, "", "");
    }
    Optional<Change> wished =
        wish(WISH_LIFE).map(Wish::change).filter(change -> change.name().equals(request.getName()));
    Optional<String> objection = objection(request, voters, wished);
    if (objection.isPresent()) {
      return done(Verdict.VERDICT_REFUSED, objection.get(), "");
    }
    return add(current, voters, request, wished);
  }

  private Optional<String> objection(JoinRequest request, Voters voters, Optional<Change> wished) {
    String name = request.getName();
    if (!Identity.nameOf(request.getPeer()).equals(name)) {
      return Optional.of("'%s' does not ask under its own name".formatted(name));
    }
    if (request.getEntryLevel() < CommandCodec.LEVEL) {
      return Optional.of(
          ("%s runs an older version than %s, and could not read all that is in the log: upgrade"
                  + " %s first")
              .formatted(name, config.name(), name));
    }
    Optional<RaftStoreConfig.Member> listed = config.member(name);
    String raft = listed.map(member -> member.address().toString()).orElse("");
    String member = listed.map(entry -> entry.memberAddress().toString()).orElse("");
    if (wished.isPresent() && wished.get() instanceof Change.Add add) {
      raft = add.raftAddress();
      member = add.memberAddress();
    } else if (request.getWasVoter()) {
      return Optional.of(
          ("%s was removed from the store. To take it in again, run 'quorate member add', or empty"
                  + " its storage as for a new member")
              .formatted(request.getPeer()));
    } else if (listed.isEmpty()) {
      return Optional.of(
          "'%s' is not in raft.members of %s: add it there, or by 'quorate member add'"
              .formatted(name, config.name()));
    }
    if (!request.getRaftAddress().equals(raft) || !request.getMemberAddress().equals(member)) {
      return Optional.of(
          "%s knows that %s is at %s and %s, but it says %s and %s: correct either"
              .formatted(
                  config.name(),
                  name,
                  raft,
                  member,
                  request.getRaftAddress(),
                  request.getMemberAddress()));
    }
    Optional<String> replaced =
        wished
            .filter(Change.Replace.class::isInstance)
            .map(change -> ((Change.Replace) change).id());
    return voters.members().stream()
        .filter(voter -> voter.name().equals(name))
        .filter(voter -> replaced.filter(voter.id()::equals).isEmpty())
        .findFirst()
        .map(voter ->
            ("%s is a member already, as %s; its storage was emptied or exchanged since."
                    + " Run 'quorate member replace %s' to take this one in instead")
                .formatted(name, voter.id(), name));
  }

  private static boolean listens(Change wish) {
    return wish instanceof Change.Add add && add.listener();
  }

  private CompletableFuture<JoinAnswer> add(
      RaftNode current, Voters voters, JoinRequest request, Optional<Change> wished) {
    Voters.Peer joiner =
        new Voters.Peer(request.getPeer(), request.getRaftAddress(), request.getMemberAddress());
    List<Voters.Peer> wanted =
        new ArrayList<>(
            voters.current().stream()
                .filter(voter -> !voter.name().equals(joiner.name()))
                .toList());
    boolean replaces = wanted.size() < voters.current().size();
    if (replaces && wished.isEmpty()) {
      return done(Verdict.VERDICT_LATER, "the wish to replace it has lapsed", "");
    }
    boolean listens = wished.filter(JoinDesk::listens).isPresent();
    List<Voters.Peer> listening = new ArrayList<>(voters.listeners());
    (listens ? listening : wanted).add(joiner);
    joining.set(joiner.id());
    return become(current, voters, wanted, listening, joiner.name() + " is being added")
        .whenComplete((_, _) -> joining.compareAndSet(joiner.id(), ""))
        .thenApply(problem ->
            problem.isEmpty()
                ? answer(Verdict.VERDICT_MEMBER, "", "")
                : answer(Verdict.VERDICT_LATER, problem, ""))
        .copy()
        .completeOnTimeout(
            answer(Verdict.VERDICT_BEING_ADDED, "it is being added", ""),
            PATIENCE.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Makes {@code wanted} the voters: Raft brings a new one up to date before it counts it. A
   * listener is brought up to date after.
   *
   * @return why not; empty once they are
   */
  private CompletableFuture<String> become(
      RaftNode current,
      Voters present,
      List<Voters.Peer> wanted,
      List<Voters.Peer> listening,
      String what) {
    if (!underWay.compareAndSet("", what)) {
      return CompletableFuture.completedFuture("another change is under way");
    }
    LOG.info("Store: {}", what);
    CompletableFuture<?> change = current.administration().setMembers(present, wanted, listening);
    // A joiner that answers but never catches up would block every later change; Ratis has no way
    // to call it off, but the next leader knows nothing of it.
    TaskScheduler.Cancellable limit =
        scheduler.schedule(
            config.timing().joining(),
            () -> {
              LOG.warn("Store: {} comes to no end; giving up leadership to call it off", what);
              // This member may be elected again: it is not to try again unless that is wished.
              wish.set(Optional.empty());
              var _ = current.administration().transfer(Optional.empty(), PATIENCE);
            });
    return change.handle((_, thrown) -> {
      limit.cancel();
      underWay.set("");
      if (thrown == null) {
        wish.set(Optional.empty());
        LOG.info("Store: the voters are {} now", wanted.stream().map(Voters.Peer::id).toList());
        return "";
      }
      LOG.info("Store: {} failed: {}", what, thrown.getMessage());
      return what + " failed: " + thrown.getMessage();
    });
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
