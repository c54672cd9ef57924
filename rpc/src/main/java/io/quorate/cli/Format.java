package io.quorate.cli;

import java.util.Locale;

/** Forms of output, patronictl's. */
enum Format {
  /** A table for people. */
  PRETTY,
  /** One line of JSON. */
  JSON,
  YAML,
  /** The same as YAML. */
  YML,
  /** A header and rows, columns separated by tabs. */
  TSV;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
