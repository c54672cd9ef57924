package io.quorate.jepsen.sim.store;

import io.quorate.store.machine.StoreCommand;
import java.util.Optional;

/** An entry of the log; empty is what a new leader writes first. Compared by identity. */
final class LogEntry {
  final long term;
  final Optional<StoreCommand> command;

  LogEntry(long term, Optional<StoreCommand> command) {
    this.term = term;
    this.command = command;
  }
}
