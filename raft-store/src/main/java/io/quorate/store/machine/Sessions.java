package io.quorate.store.machine;

import org.jspecify.annotations.Nullable;

/**
 * The answers kept for repeats of requests.
 *
 * <p>A session that is not known any more is never made anew by a request: its earlier requests
 * could take effect twice. Its owner opens another one.
 *
 * @param byId all sessions
 * @param byUse the same ones' ids by the log index at which each was last used
 */
public record Sessions(SortedTree<Long, Session> byId, SortedTree<Long, Long> byUse) {

  /** No session. */
  public static final Sessions EMPTY = new Sessions(SortedTree.empty(), SortedTree.empty());

  /**
   * One session.
   *
   * @param floor answers up to this sequence number are no longer known
   * @param lastUse log index
   */
  public record Session(
      long id, long floor, long lastUse, SortedTree<Long, CommandResult> answers) {}

  /** What is known of a request. */
  sealed interface Lookup {
    /** Not seen before: run it. */
    record Fresh() implements Lookup {}

    /** Seen, or perhaps seen: answer this instead of running it. */
    record Answer(CommandResult result) implements Lookup {}
  }

  Lookup find(RequestId request) {
    if (request.sequence() < 1) {
      return new Lookup.Answer(new CommandResult.Refused(StoreErrors.BAD_SEQUENCE));
    }
    Session session = byId.get(request.session());
    if (session == null) {
      return new Lookup.Answer(new CommandResult.Forgotten("the session is not known"));
    }
    CommandResult known = session.answers.get(request.sequence());
    if (known != null) {
      return new Lookup.Answer(known);
    }
    return request.sequence() <= session.floor
        ? new Lookup.Answer(new CommandResult.Forgotten("the answer is no longer kept"))
        : new Lookup.Fresh();
  }

  /** A new session whose id is {@code index}; the longest unused one gives way. */
  Sessions open(long index, StoreLimits limits) {
    Sessions grown = with(new Session(index, 0, index, SortedTree.empty()), null);
    if (grown.byId.size() <= limits.sessions()) {
      return grown;
    }
    long oldestUse = grown.byUse.firstKey();
    Long oldest = grown.byUse.get(oldestUse);
    return new Sessions(
        oldest == null ? grown.byId : grown.byId.remove(oldest), grown.byUse.remove(oldestUse));
  }

  /** Keeps {@code result} as the answer to {@code request}, which {@link #find} called fresh. */
  Sessions keep(RequestId request, CommandResult result, long index, StoreLimits limits) {
    Session session = byId.get(request.session());
    if (session == null) {
      return this;
    }
    CommandResult kept =
        Weights.of(result) > StoreLimits.KEPT_ANSWER_BYTES
            ? new CommandResult.Forgotten("it was answered, but the answer is too large to keep")
            : result;
    SortedTree<Long, CommandResult> answers = session.answers.put(request.sequence(), kept);
    long floor = session.floor;
    if (answers.size() > limits.sessionWindow()) {
      floor = answers.firstKey();
      answers = answers.remove(floor);
    }
    return with(new Session(session.id, floor, index, answers), session);
  }

  private Sessions with(Session session, @Nullable Session former) {
    SortedTree<Long, Long> uses = former == null ? byUse : byUse.remove(former.lastUse);
    return new Sessions(byId.put(session.id, session), uses.put(session.lastUse, session.id));
  }
}
