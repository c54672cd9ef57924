package io.quorate.ha.decide;

import java.time.Duration;

/**
 * When a decision is made although nothing happened. Events drive; these only catch what is lost.
 */
final class Tick {

  private Tick() {}

  /** All that matters is an event; this catches one that was lost. */
  static final Duration SAFETY_NET = Duration.ofSeconds(2);

  /** Between two attempts to move the store's leadership off the primary's host. */
  static final Duration STORE_LEADERSHIP = Duration.ofSeconds(5);

  /** How long a primary that stops waits for another voter to lead the store. */
  static final Duration LEADERSHIP_FIRST = Duration.ofSeconds(1);

  /** How long ending PostgreSQL may take before the lease is left to run out instead. */
  static final Duration FENCE = Duration.ofSeconds(2);

  /** How long one whose PostgreSQL hung leaves it to others to become primary. */
  static final Duration YIELD = Duration.ofSeconds(10);

  /** Bound on a fast shutdown before it becomes an immediate one. */
  static final Duration FAST_SHUTDOWN = Duration.ofSeconds(30);

  /** Bound on the fast shutdown of a switchover before it becomes an immediate one. */
  static final Duration SWITCHOVER_STOP = Duration.ofSeconds(10);

  /** Bound on the checkpoint before it. */
  static final Duration CHECKPOINT = Duration.ofMinutes(10);

  /** The same for a failover: what is asked for where a primary is in trouble waits for little. */
  static final Duration FAILOVER_CHECKPOINT = Duration.ofSeconds(5);

  /** How long a checkpoint makes the shutdown's own one short. */
  static final Duration CHECKPOINT_FRESH = Duration.ofSeconds(30);

  /** How long a stopped primary waits for its candidate before it serves again. */
  static final Duration TAKE_OVER = Duration.ofSeconds(3);

  /** A primary that has not stopped for a failover by then never will: its lease is let run out. */
  static final Duration CANNOT_STOP = SWITCHOVER_STOP.plusSeconds(5);

  /** How long a candidate waits for WAL that it should have, before it stops receiving. */
  static final Duration CATCH_UP = Duration.ofMillis(500);

  /** For so long a standby that cannot be seen may still appear before a switchover is refused. */
  static final Duration LOOK_AGAIN = Duration.ofMillis(2500);

  /** For so long a scheduled switchover waits for a candidate that is away at its time. */
  static final Duration CANDIDATE_BACK = Duration.ofMinutes(1);

  /** A scheduled wish that nobody could act on for so long is given up. */
  static final Duration MISSED = Duration.ofMinutes(5);

  /** For so long members that are to be restarted at one time wait for each other. */
  static final Duration TURNS = Duration.ofMinutes(4);

  /** How long a standby may take to learn with what its primary was restarted. */
  static final Duration LEARNING = Duration.ofSeconds(5);

  /** How long the primary of a cluster that stops waits for its standbys to stop first. */
  static final Duration STANDBYS_FIRST = Duration.ofSeconds(10);

  /** How long a witness that stops waits for another voter to lead the store. */
  static final Duration NEXT_LEADER = Duration.ofSeconds(3);

  /** How long a witness keeps its vote for members of a cluster that stops. */
  static final Duration WITNESS_LAST = STANDBYS_FIRST.plus(FAST_SHUTDOWN).plusSeconds(10);
}
