package io.quorate.invariant;

/**
 * Something that the code relies on does not hold: a mistake in the program, not a state of the
 * world. It is caught only at the edge of a loop, which stops what it drives rather than going on.
 */
public final class InvariantViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvariantViolation(String message) {
    super(message);
  }
}
