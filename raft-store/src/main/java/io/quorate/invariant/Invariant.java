package io.quorate.invariant;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks that no configuration turns off, unlike the {@code assert} keyword. */
public final class Invariant {
  private Invariant() {}

  /**
   * Throws unless {@code condition} holds.
   *
   * @param template what was expected, in the syntax of {@link java.util.Formatter}; it is
   *     formatted only on violation
   * @throws InvariantViolation when the condition is false
   */
  @FormatMethod
  public static void check(
      boolean condition, @FormatString String template, @Nullable Object... args) {
    if (!condition) {
      throw new InvariantViolation(String.format(Locale.ROOT, template, args));
    }
  }

  /**
   * Gives {@code value} back, which must be there.
   *
   * @param template what was expected, as in {@link #check}
   * @throws InvariantViolation when the value is null
   */
  @FormatMethod
  public static <T> T present(
      @Nullable T value, @FormatString String template, @Nullable Object... args) {
    if (value == null) {
      throw new InvariantViolation(String.format(Locale.ROOT, template, args));
    }
    return value;
  }
}
