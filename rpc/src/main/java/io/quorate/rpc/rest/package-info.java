/**
 * Patroni's REST API: health checks, status, metrics. Everything is answered from the one {@link
 * io.quorate.ha.model.NodeSnapshot} at hand: no SQL, no call to the store, so that neither a slow
 * disk nor a slow database makes a load balancer flap.
 *
 * <p>Where a promise and Patroni's behaviour differ the promise wins: every path that routes
 * writers ({@code /}, {@code /primary}, {@code /leader}, {@code /master}, {@code /read-write}) and
 * {@code /readiness} for a primary answers 200 only while PostgreSQL is writable under a lease that
 * is good at the time of the answer, where Patroni reports who owns the lock.
 */
@NullMarked
package io.quorate.rpc.rest;

import org.jspecify.annotations.NullMarked;
