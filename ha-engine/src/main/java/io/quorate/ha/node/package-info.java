/**
 * What a member keeps on its own disk outside PGDATA, written so that a crash leaves either the old
 * or the new content.
 */
@NullMarked
package io.quorate.ha.node;

import org.jspecify.annotations.NullMarked;
