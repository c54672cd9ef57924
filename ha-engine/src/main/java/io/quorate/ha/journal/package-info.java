/** What the engine decided and did, with reasons: in the log, and the latest in memory. */
@NullMarked
package io.quorate.ha.journal;

import org.jspecify.annotations.NullMarked;
