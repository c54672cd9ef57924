/**
 * Assertions that are always on. Pure; any package may use this one, and it uses none of the
 * others.
 */
@NullMarked
package io.quorate.invariant;

import org.jspecify.annotations.NullMarked;
