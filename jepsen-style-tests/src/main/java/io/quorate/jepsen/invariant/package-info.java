/**
 * What must hold of a cluster under fault, whoever runs it. One class each; evaluated after every
 * event, or once all faults are over.
 */
@NullMarked
package io.quorate.jepsen.invariant;

import org.jspecify.annotations.NullMarked;
