/**
 * Who may ask for changes: the same judgement for REST and gRPC. Pure but for the names resolved.
 */
@NullMarked
package io.quorate.rpc.access;

import org.jspecify.annotations.NullMarked;
