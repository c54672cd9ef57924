/** Keeps one PostgreSQL in the role that the store says: facts in, decisions, actions out. */
@NullMarked
package io.quorate.ha;

import org.jspecify.annotations.NullMarked;
