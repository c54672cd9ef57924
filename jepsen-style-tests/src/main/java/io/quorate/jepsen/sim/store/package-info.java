/**
 * The store as a modelled Raft group: elections, replication, leaders that learn late that they are
 * deposed. What is applied, and how leases are timed, is the production code's.
 */
@NullMarked
package io.quorate.jepsen.sim.store;

import org.jspecify.annotations.NullMarked;
