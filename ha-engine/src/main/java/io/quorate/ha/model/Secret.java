package io.quorate.ha.model;

/** Text that must not be printed. */
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "***";
  }
}
