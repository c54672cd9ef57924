/** Everything that listens or dials for people and programs. */
@NullMarked
package io.quorate.rpc;

import org.jspecify.annotations.NullMarked;
