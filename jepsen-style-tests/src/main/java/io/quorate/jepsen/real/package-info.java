/**
 * Real agents, real PostgreSQL, real faults on this machine: what the simulator cannot show. Used
 * by the fault tests and by the benchmarks.
 */
@NullMarked
package io.quorate.jepsen.real;

import org.jspecify.annotations.NullMarked;
