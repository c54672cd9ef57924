/**
 * The store without Raft: one voter, nothing kept across a restart, the very state machine and
 * lease authority of the replicated store. For tests, the simulator and development.
 */
@NullMarked
package io.quorate.store.local;

import org.jspecify.annotations.NullMarked;
