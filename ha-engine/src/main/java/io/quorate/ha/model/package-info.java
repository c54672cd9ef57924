/**
 * The vocabulary of the HA engine: PostgreSQL's and the protocol's nouns as immutable values. Pure:
 * no I/O, clock, threads or randomness.
 */
@NullMarked
package io.quorate.ha.model;

import org.jspecify.annotations.NullMarked;
