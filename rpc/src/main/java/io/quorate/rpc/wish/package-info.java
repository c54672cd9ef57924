/** Operators' wishes as text, read into what the engine takes: the same rules for REST and gRPC. */
@NullMarked
package io.quorate.rpc.wish;

import org.jspecify.annotations.NullMarked;
