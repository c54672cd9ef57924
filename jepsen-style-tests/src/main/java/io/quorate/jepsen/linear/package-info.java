/**
 * Judges recorded histories: linearizability by search (Wing and Gong, "Testing and Verifying
 * Concurrent Objects"; Lowe, "Testing for Linearizability"), order and completeness of watches,
 * mutual exclusion of leases. Pure: knows no process and no clock.
 */
@NullMarked
package io.quorate.jepsen.linear;

import org.jspecify.annotations.NullMarked;
