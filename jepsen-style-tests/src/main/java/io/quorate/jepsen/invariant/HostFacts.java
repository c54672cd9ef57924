package io.quorate.jepsen.invariant;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.NodeSnapshot;
import java.util.Optional;
import java.util.OptionalLong;

/** One host at this moment. */
public interface HostFacts {

  /** The host, and member. */
  String name();

  /** Whether it has a PostgreSQL; a witness has none. */
  boolean hasPostgres();

  /** Whether PostgreSQL there would accept a write now. */
  boolean writable();

  /**
   * The epoch under which this host may have a writable PostgreSQL now: the deadline of the last
   * renewal lies ahead by its own clock, and it has not begun to give the key back.
   */
  Optional<Epoch> holds();

  /** It is paused by its own note: nothing ends its PostgreSQL. */
  boolean paused();

  /** True time for which the host has run without a pause of the whole machine, nanoseconds. */
  long runningForNanos();

  /** What its agent shows; empty while none runs. */
  Optional<NodeSnapshot> snapshot();

  /** Changes with each run of its agent. */
  long agentRun();

  /** Revision of its replica of the store; empty while no agent runs. */
  OptionalLong storeRevision();

  /** Where it said that its WAL ends, when it stopped to receive; empty once it goes on. */
  Optional<EndOfWal> stoppedAt();

  /** Where the WAL on its disk ends. */
  EndOfWal endOfWal();

  /** The host that its PostgreSQL streams from. */
  Optional<String> streamsFrom();
}
