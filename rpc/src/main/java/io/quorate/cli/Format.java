package io.quorate.cli;

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
  TSV
}
