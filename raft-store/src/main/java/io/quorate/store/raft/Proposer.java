package io.quorate.store.raft;

import io.quorate.store.StoreError;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes entries of the log of what is proposed. While entries are under way, the transactions that
 * come in wait, and go into one entry together: what an entry costs (two writes to the disk, the
 * way through a dozen threads of three members) is then shared by all of them.
 */
final class Proposer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);

  /** Commands under way, beyond which more are refused. */
  static final int IN_FLIGHT_MAX = 8_192;

  private static final StoreError OVERLOADED =
      new StoreError(
          StoreError.Code.OVERLOADED, "too many requests are under way in the store: slow down");

  /** Entries under way beyond which others wait to be joined. */
  private static final int ENTRIES_MAX = 2;

  /** Bounds of an entry of several transactions. */
  private static final int JOINED_MAX = 256;

  private static final int JOINED_BYTES = 256 * 1024;

  /** Where entries go. */
  interface Log {
    /** Appends an entry; may block. What becomes of it is told to whoever proposed it. */
    void append(ProposedEntry entry, long call);
  }

  private final InFlight inFlight;
  private final Log log;
  private final BooleanSupplier joinable;
  private final ExecutorService executor;
  private final AtomicInteger commands = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<CommandMessage> waiting = new ArrayDeque<>();
  private int underWay;
  private boolean running;

  /**
   * @param joinable whether all members know entries of several transactions; quick, takes no lock
   */
  Proposer(String name, InFlight inFlight, Log log, BooleanSupplier joinable) {
    this.inFlight = inFlight;
    this.log = log;
    this.joinable = joinable;
    // Appending can block while the disk is slow; one thread does, and keeps the order.
    this.executor =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("quorate-propose-" + name).factory());
    inFlight.onEnd(this::entryEnded);
  }

  /** The answer to requests beyond what can be under way. */
  static Attempt.Refused<CommandResult> overloaded() {
    return new Attempt.Refused<>(OVERLOADED);
  }

  /**
   * Proposes a command; never blocks.
   *
   * @param entry {@code command} as the log holds it
   */
  CompletableFuture<Attempt<CommandResult>> propose(
      StoreCommand command, byte[] entry, BootTime now) {
    CommandMessage message = new CommandMessage(command, entry, now);
    if (commands.incrementAndGet() > IN_FLIGHT_MAX) {
      commands.decrementAndGet();
      message.refuse(overloaded());
      return message.outcome();
    }
    var _ = message.outcome().whenComplete((_, _) -> commands.decrementAndGet());
    lock.lock();
    try {
      waiting.add(message);
    } finally {
      lock.unlock();
    }
    runIfDue();
    return message.outcome();
  }

  private void entryEnded() {
    lock.lock();
    try {
      underWay--;
    } finally {
      lock.unlock();
    }
    runIfDue();
  }

  private void runIfDue() {
    lock.lock();
    try {
      if (running || !due()) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException _) {
      drain("the store is closing");
    }
  }

  private boolean due() {
    return underWay < ENTRIES_MAX && !waiting.isEmpty();
  }

  private void run() {
    for (List<CommandMessage> next = next(); !next.isEmpty(); next = next()) {
      ProposedEntry entry = new ProposedEntry(next);
      long call = inFlight.add(entry);
      try {
        log.append(entry, call);
      } catch (RuntimeException e) {
        // One entry's trouble must not end this thread, and with it all that comes after.
        LOG.error("An entry was not taken by the log", e);
        entry.fail("the log failed: " + e);
        inFlight.remove(call);
      }
    }
  }

  /** What goes into the next entry; nothing, if that is not due. */
  private List<CommandMessage> next() {
    lock.lock();
    try {
      if (!due()) {
        running = false;
        return List.of();
      }
      underWay++;
      List<CommandMessage> joined = new ArrayList<>(List.of(waiting.remove()));
      if (!waiting.isEmpty() && joinable.getAsBoolean()) {
        join(joined);
      }
      return joined;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds what may share an entry with the first one. All that waits is concurrent, so what may not
   * is overtaken; it is the first in one of the next entries.
   */
  private void join(List<CommandMessage> joined) {
    OptionalLong session = session(joined.getFirst());
    int bytes = joined.getFirst().entry().length;
    Iterator<CommandMessage> rest = waiting.iterator();
    while (session.isPresent() && rest.hasNext() && joined.size() < JOINED_MAX) {
      CommandMessage message = rest.next();
      if (session.equals(session(message)) && bytes + message.entry().length <= JOINED_BYTES) {
        bytes += message.entry().length;
        joined.add(message);
        rest.remove();
      }
    }
  }

  /** Under which session the transaction is numbered; only such ones can share an entry. */
  private static OptionalLong session(CommandMessage message) {
    return message.command() instanceof StoreCommand.TxnCommand txn && txn.request().isPresent()
        ? OptionalLong.of(txn.request().get().session())
        : OptionalLong.empty();
  }

  /** Ends commands that nothing was heard of for {@code limit}. */
  void expire(BootTime now, Duration limit) {
    // Those that wait first: an entry that ends makes room for them, and they would be put to the
    // log that has just proved to take nothing.
    List<CommandMessage> overdue = overdue(now, limit);
    inFlight.expire(now, limit);
    overdue.forEach(message -> message.notDone("the log took no entry for " + limit));
  }

  /** Takes out what has waited for {@code limit}; the oldest are the first. */
  private List<CommandMessage> overdue(BootTime now, Duration limit) {
    List<CommandMessage> overdue = new ArrayList<>();
    lock.lock();
    try {
      for (CommandMessage next = waiting.peek();
          next != null && next.since().until(now).compareTo(limit) >= 0;
          next = waiting.peek()) {
        overdue.add(waiting.remove());
      }
    } finally {
      lock.unlock();
    }
    return overdue;
  }

  /** Takes no more commands. */
  @Override
  public void close() {
    executor.shutdown();
  }

  /** Ends all that was proposed: the server is gone. */
  void drain(String reason) {
    List<CommandMessage> left;
    lock.lock();
    try {
      left = List.copyOf(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(message -> message.notDone(reason));
    inFlight.drain(reason);
  }
}
