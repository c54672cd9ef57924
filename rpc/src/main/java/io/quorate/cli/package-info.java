/**
 * The command {@code quorate}. Asks members over gRPC alone; the verbs that need a member's file or
 * run a member come from {@link io.quorate.cli.NodeVerbs}, which the node's side provides, so that
 * nothing here depends on it. The only package that writes to standard output.
 */
@NullMarked
package io.quorate.cli;

import org.jspecify.annotations.NullMarked;
