/**
 * PostgreSQL as far as its history is concerned: WAL as a list of records, timelines, standbys that
 * stream, and the traps that were seen on real servers.
 */
@NullMarked
package io.quorate.jepsen.sim.postgres;

import org.jspecify.annotations.NullMarked;
