package io.quorate.store.codec;

import java.io.IOException;

/**
 * Bytes that cannot be understood. Whoever applies a log must stop: going on without the entry
 * would make this replica differ from the others.
 */
public final class CodecException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with them. */
  public enum Kind {
    /** Written by a version that knows more; the remedy is to upgrade this member. */
    UNKNOWN_FORMAT,
    /** Not what any version wrote: truncated or changed. */
    CORRUPT
  }

  private final Kind kind;

  CodecException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  CodecException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }
}
