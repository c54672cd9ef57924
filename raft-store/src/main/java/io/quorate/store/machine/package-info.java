/**
 * The replicated state machine of the store: etcd's data model as a pure function.
 *
 * <p>{@link io.quorate.store.machine.StoreMachine} turns (state, command) into (state, result,
 * events). No clock, randomness, I/O or thread; no collection whose order is not defined. The state
 * is a value: whoever holds a {@link io.quorate.store.machine.StoreState} may read it from any
 * thread for as long as it likes while the machine goes on.
 */
@NullMarked
package io.quorate.store.machine;

import org.jspecify.annotations.NullMarked;
