/** Clusters under fault, simulated and real, and the checkers that judge their histories. */
@NullMarked
package io.quorate.jepsen;

import org.jspecify.annotations.NullMarked;
