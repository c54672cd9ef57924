/** The HA engine's facade: what the rest of the program starts, watches and stops. */
@NullMarked
package io.quorate.ha;

import org.jspecify.annotations.NullMarked;
