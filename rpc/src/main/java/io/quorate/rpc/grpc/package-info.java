/**
 * The gRPC port for people and programs: status, operators' wishes, health, reflection; and its
 * client. The only place with both the admin messages and the engine's types.
 */
@NullMarked
package io.quorate.rpc.grpc;

import org.jspecify.annotations.NullMarked;
