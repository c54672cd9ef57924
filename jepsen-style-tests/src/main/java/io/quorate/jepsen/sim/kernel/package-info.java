/**
 * Virtual time, processes that can be paused and killed, clocks that drift, and a network that
 * fails. One thread; the same seed gives the same run.
 */
@NullMarked
package io.quorate.jepsen.sim.kernel;

import org.jspecify.annotations.NullMarked;
