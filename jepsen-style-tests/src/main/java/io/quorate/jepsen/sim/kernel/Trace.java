package io.quorate.jepsen.sim.kernel;

/** What happened, line by line. The same seed gives the same bytes. */
public final class Trace {

  private final StringBuilder text = new StringBuilder(1 << 16);

  /** Adds a line. */
  public void line(long nanos, String who, String what) {
    long micros = nanos / 1000;
    String fraction = Long.toString(1_000_000 + micros % 1_000_000);
    text.append(micros / 1_000_000)
        .append('.')
        .append(fraction, 1, fraction.length())
        .append(' ')
        .append(who)
        .append(": ")
        .append(what)
        .append('\n');
  }

  /** All lines. */
  public String text() {
    return text.toString();
  }
}
