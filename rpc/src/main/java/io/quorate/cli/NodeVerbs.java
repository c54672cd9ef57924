package io.quorate.cli;

import io.quorate.rpc.tls.ClientTls;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What the command line needs of the node's side; found as a service. */
public interface NodeVerbs {

  /** Keeps signals from ending the process before {@link #run} can act on them. */
  void expectSignals();

  /**
   * Runs a member until it is told to stop; returns the exit status. Errors in {@code file} go to
   * {@code err}, everything later to the log.
   */
  int run(Path file, PrintWriter err);

  /** Checks {@code file}, says what is wrong with it or without effect; returns the exit status. */
  int validate(Path file, PrintWriter out, PrintWriter err);

  /**
   * Makes the stopped member of {@code file} the only voter of the store, because a majority is
   * lost for good; returns the exit status.
   *
   * @param confirmed asked, after what is at stake was shown, whether to do it
   */
  int recoverMajority(Path file, BooleanSupplier confirmed, PrintWriter out, PrintWriter err);

  /**
   * Whom a cluster's file says to ask, and how.
   *
   * @param addresses the gRPC ports of its members, the file's own first
   * @param authorization what to show for changes, as an {@code Authorization} header
   */
  record Contact(List<String> addresses, Optional<String> authorization, ClientTls tls) {
    /** Copies the list. */
    public Contact {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * Reads {@code file}, which takes a good part of what a command takes: once is enough.
   *
   * @throws CliException if the file is wrong
   */
  Contact contact(Path file);
}
