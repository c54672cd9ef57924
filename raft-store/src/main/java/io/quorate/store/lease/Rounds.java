package io.quorate.store.lease;

import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.lease.VoterSet.Verdict;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Requests that wait for the term to be confirmed, and the rounds that confirm it. */
final class Rounds {

  /** What waits. */
  sealed interface Request {
    long ticket();
  }

  /** A linearizable read. */
  record Read(long ticket, long commitIndex) implements Request {}

  /** Extends a lease, if it still is the generation it was on arrival (0: there was none). */
  record KeepAlive(long ticket, LeaseId id, long generation) implements Request {}

  /** Extends the lease under a key, likewise. */
  record Hold(long ticket, Bytes key, Revision createRevision, long generation)
      implements Request {}

  /** A round that has come to an end. */
  record Decided(Verdict verdict, List<Request> requests) {}

  private record Round(List<Request> requests, TreeSet<String> yes, TreeSet<String> no) {}

  private final boolean freshAnswersOnly;
  private final TreeMap<Long, Round> underWay = new TreeMap<>();
  private final TreeSet<String> everYes = new TreeSet<>();
  private List<Request> waiting = new ArrayList<>();
  private VoterSet voters = VoterSet.of("none");
  private long last;
  private int inRounds;

  Rounds(boolean freshAnswersOnly) {
    this.freshAnswersOnly = freshAnswersOnly;
  }

  /** A new term. */
  void begin(VoterSet inForce) {
    Invariant.check(size() == 0, "%s requests left over from a former term", size());
    voters = inForce;
    everYes.clear();
  }

  void votersChanged(VoterSet inForce) {
    voters = inForce;
    List<Request> again = new ArrayList<>(takeRounds(last));
    again.addAll(waiting);
    waiting = again;
  }

  void enqueue(Request request) {
    waiting.add(request);
  }

  int waiting() {
    return waiting.size();
  }

  int underWay() {
    return underWay.size();
  }

  int size() {
    return waiting.size() + inRounds;
  }

  long beginRound() {
    last++;
    Round round = new Round(waiting, new TreeSet<>(), new TreeSet<>());
    if (!freshAnswersOnly) {
      round.yes.addAll(everYes);
    }
    underWay.put(last, round);
    inRounds += waiting.size();
    waiting = new ArrayList<>();
    return last;
  }

  /** Counts an answer for its round and all before; gives what that decides. */
  List<Decided> answered(long number, String voter, boolean sameTerm) {
    if (sameTerm) {
      everYes.add(voter);
    }
    List<Decided> decided = new ArrayList<>();
    Iterator<Round> begunBefore = underWay.headMap(number, true).values().iterator();
    while (begunBefore.hasNext()) {
      Round round = begunBefore.next();
      // The latest word counts: a voter may come into this term after it was first asked.
      (sameTerm ? round.yes : round.no).add(voter);
      (sameTerm ? round.no : round.yes).remove(voter);
      Verdict verdict = voters.verdict(round.yes, round.no);
      if (verdict != Verdict.PENDING) {
        begunBefore.remove();
        inRounds -= round.requests.size();
        decided.add(new Decided(verdict, round.requests));
      }
    }
    return decided;
  }

  /** Requests of the rounds up to {@code number}, which end. */
  List<Request> giveUp(long number) {
    return takeRounds(number);
  }

  /** Everything, which ends. */
  List<Request> drain() {
    List<Request> all = new ArrayList<>(takeRounds(last));
    all.addAll(waiting);
    waiting = new ArrayList<>();
    return all;
  }

  private List<Request> takeRounds(long upTo) {
    List<Request> requests = new ArrayList<>();
    var ended = underWay.headMap(upTo, true);
    ended.values().forEach(round -> requests.addAll(round.requests));
    ended.clear();
    inRounds -= requests.size();
    return requests;
  }
}
