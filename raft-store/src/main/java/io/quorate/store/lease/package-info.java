/**
 * The volatile side of leases, which only the store's leader has: who renewed when, and whose time
 * ran out. Also the confirmation rounds by which a leader makes sure that it still is one, for
 * renewals and for linearizable reads alike.
 *
 * <p>Pure: time is an argument, one thread at a time, nothing is sent from here. The replicated
 * shell, the local store and the simulator drive the same class.
 */
@NullMarked
package io.quorate.store.lease;

import org.jspecify.annotations.NullMarked;
