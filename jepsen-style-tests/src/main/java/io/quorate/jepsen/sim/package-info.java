/**
 * The deterministic simulator: the production engine of several hosts, on simulated ports, under
 * faults drawn from a seed. One seed, one run, to the byte.
 */
@NullMarked
package io.quorate.jepsen.sim;

import org.jspecify.annotations.NullMarked;
