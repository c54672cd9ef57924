/** Whether a member's WAL lies on a branch, and how it comes back if not. Pure. */
@NullMarked
package io.quorate.ha.decide.rejoin;

import org.jspecify.annotations.NullMarked;
