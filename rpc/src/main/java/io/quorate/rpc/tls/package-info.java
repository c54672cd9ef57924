/**
 * Certificates: read, checked, exchanged while the agent runs, and judged. Everything that listens
 * or dials takes its key and trust managers from here.
 */
@NullMarked
package io.quorate.rpc.tls;

import org.jspecify.annotations.NullMarked;
