package io.quorate.store.raft;

import io.quorate.store.Membership.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** Decides what a wish for a change of the voters comes to. Pure. */
final class MemberRules {

  /** A listener that is further behind is not made a voter. */
  static final long BEHIND_MAX = 100;

  private MemberRules() {}

  /** What is to be done about a wish. */
  sealed interface Verdict {
    /** It is so already. */
    record Done(String text) implements Verdict {}

    /** It must not be. */
    record Refused(String text) implements Verdict {}

    /** The member that shall join has to ask first. */
    record Await(String text) implements Verdict {}

    /** The leader is the one to go: another one has to lead first. */
    record HandOver(String heir) implements Verdict {}

    /** Voters and listeners are to become these. */
    record Become(List<Voters.Peer> voters, List<Voters.Peer> listeners) implements Verdict {}
  }

  /**
   * Judges a wish while the voters do not change.
   *
   * @param self Raft id of the leader, which judges
   * @param reachable whether a member, by its id, can be reached now
   * @param behind how many committed entries a listener, by its id, is behind
   */
  static Verdict judge(
      Change change,
      Voters voters,
      String self,
      Predicate<String> reachable,
      ToLongFunction<String> behind) {
    Optional<Voters.Peer> named = named(voters.current(), change.name());
    Optional<Voters.Peer> listener = named(voters.listeners(), change.name());
    if (listener.isPresent()) {
      return listening(change, voters, listener.get(), reachable, behind);
    }
    return switch (change) {
      case Change.Promote promote ->
          named
              .<Verdict>map(
                  voter -> new Verdict.Done(promote.name() + " is a voter, as " + voter.id()))
              .orElseGet(() ->
                  new Verdict.Refused(
                      "the store has no listener named '%s'".formatted(promote.name())));
      case Change.Add add -> add(add, voters, named);
      case Change.Replace replace -> replace(replace, named, self, reachable);
      case Change.Remove remove -> remove(remove, voters, named, self, reachable);
    };
  }

  private static Optional<Voters.Peer> named(List<Voters.Peer> peers, String name) {
    return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
  }

  /** About a member that listens. */
  private static Verdict listening(
      Change change,
      Voters voters,
      Voters.Peer listener,
      Predicate<String> reachable,
      ToLongFunction<String> behind) {
    List<Voters.Peer> rest =
        voters.listeners().stream().filter(peer -> !peer.id().equals(listener.id())).toList();
    String name = listener.name();
    return switch (change) {
      case Change.Add add ->
          add.listener()
                  && add.raftAddress().equals(listener.raftAddress())
                  && add.memberAddress().equals(listener.memberAddress())
              ? new Verdict.Done(name + " is a listener, as " + listener.id())
              : new Verdict.Refused(
                  "%s is a listener already, at %s and %s: 'quorate member promote' makes it a voter"
                      .formatted(name, listener.raftAddress(), listener.memberAddress()));
      case Change.Promote _ -> {
        if (!reachable.test(listener.id())) {
          yield new Verdict.Refused(name + " does not answer: start it first");
        }
        long entries = behind.applyAsLong(listener.id());
        if (entries > BEHIND_MAX) {
          yield new Verdict.Refused(
              ("%s is %d entries behind, %d at most are allowed: as a voter it would hold up the"
                      + " store. Wait until it has caught up")
                  .formatted(name, entries, BEHIND_MAX));
        }
        List<Voters.Peer> more = new ArrayList<>(voters.current());
        more.add(listener);
        yield new Verdict.Become(more, rest);
      }
      case Change.Remove remove ->
          remove.id().equals(listener.id())
              ? new Verdict.Become(voters.current(), rest)
              : new Verdict.Done(remove.id() + " is no member");
      case Change.Replace _ ->
          new Verdict.Refused(name + " is a listener: remove it, and add it again");
    };
  }

  private static Verdict add(Change.Add add, Voters voters, Optional<Voters.Peer> named) {
    if (named.isEmpty()) {
      Optional<String> objection = objection(add, voters);
      if (objection.isPresent()) {
        return new Verdict.Refused(objection.get());
      }
      return new Verdict.Await(
          "waiting for %s to ask: start it with an empty raft.data_dir and itself in raft.members"
              .formatted(add.name()));
    }
    Voters.Peer voter = named.get();
    boolean same =
        !add.listener()
            && voter.raftAddress().equals(add.raftAddress())
            && voter.memberAddress().equals(add.memberAddress());
    return same
        ? new Verdict.Done(add.name() + " is a voter, as " + voter.id())
        : new Verdict.Refused(
            "%s is a voter already, at %s and %s: remove it first, or choose another name"
                .formatted(add.name(), voter.raftAddress(), voter.memberAddress()));
  }

  /** What is wrong about name and addresses of a new member. */
  private static Optional<String> objection(Change.Add add, Voters voters) {
    HostPort raft;
    HostPort service;
    try {
      RaftStoreConfig.checkName(add.name(), "NAME");
      raft = HostPort.parse(add.raftAddress(), "RAFT");
      service = HostPort.parse(add.memberAddress(), "SERVICE");
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    if (raft.equals(service)) {
      return Optional.of("RAFT and SERVICE are both %s: they need a port each".formatted(raft));
    }
    for (Voters.Peer voter : voters.members()) {
      for (HostPort wanted : List.of(raft, service)) {
        String text = wanted.toString();
        if (voter.raftAddress().equals(text) || voter.memberAddress().equals(text)) {
          return Optional.of("%s is an address of %s already".formatted(text, voter.name()));
        }
      }
    }
    return Optional.empty();
  }

  private static Verdict replace(
      Change.Replace replace,
      Optional<Voters.Peer> named,
      String self,
      Predicate<String> reachable) {
    if (named.isPresent() && !named.get().id().equals(replace.id())) {
      return new Verdict.Done(
          "%s is a voter as %s; %s is gone"
              .formatted(replace.name(), named.get().id(), replace.id()));
    }
    if (named.isPresent() && (replace.id().equals(self) || reachable.test(replace.id()))) {
      return new Verdict.Refused(
          "%s runs and answers as %s: only a member whose storage is lost is replaced. Stop it first"
              .formatted(replace.name(), replace.id()));
    }
    return new Verdict.Await(
        ("waiting for %s to ask under a new identity: start it with an empty raft.data_dir and"
                + " without its identity copy")
            .formatted(replace.name()));
  }

  private static Verdict remove(
      Change.Remove remove,
      Voters voters,
      Optional<Voters.Peer> named,
      String self,
      Predicate<String> reachable) {
    if (named.isEmpty() || !named.get().id().equals(remove.id())) {
      return new Verdict.Done(remove.id() + " is no voter");
    }
    List<Voters.Peer> rest =
        voters.current().stream().filter(voter -> !voter.id().equals(remove.id())).toList();
    if (rest.isEmpty()) {
      return new Verdict.Refused(
          remove.name() + " is the only voter: without it there is no store");
    }
    long present =
        rest.stream()
            .filter(voter -> voter.id().equals(self) || reachable.test(voter.id()))
            .count();
    int majority = rest.size() / 2 + 1;
    if (present < majority) {
      return new Verdict.Refused(
          ("without %s %d voters remain, of which %d can be reached: a majority of %d is needed."
                  + " Bring others back first")
              .formatted(remove.name(), rest.size(), present, majority));
    }
    if (!remove.id().equals(self)) {
      return new Verdict.Become(rest, voters.listeners());
    }
    return rest.stream()
        .filter(voter -> reachable.test(voter.id()))
        .findFirst()
        .<Verdict>map(heir -> new Verdict.HandOver(heir.id()))
        .orElseGet(() -> new Verdict.Refused("there is nobody to hand leadership to"));
  }
}
