package io.quorate.ha.postgres;

/** An operation cannot go on; becomes a failed result at the edge. The message is for people. */
final class PostgresFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean needsRebuild;

  PostgresFailure(String message) {
    this(message, false);
  }

  PostgresFailure(String message, boolean needsRebuild) {
    super(message, null, false, false);
    this.needsRebuild = needsRebuild;
  }

  boolean needsRebuild() {
    return needsRebuild;
  }
}
