/**
 * What one member's agent asks another's, on a port of its own: the store's voter messages, and
 * whether the agent is there.
 */
@NullMarked
package io.quorate.rpc.member;

import org.jspecify.annotations.NullMarked;
