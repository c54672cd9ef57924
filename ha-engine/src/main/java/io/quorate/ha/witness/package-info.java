/** The ports of a member without PostgreSQL. */
@NullMarked
package io.quorate.ha.witness;

import org.jspecify.annotations.NullMarked;
