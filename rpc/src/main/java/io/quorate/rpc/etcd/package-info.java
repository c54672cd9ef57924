/**
 * etcd's v3 API, so that etcd's clients and tools can use the store: gRPC, and the same as JSON
 * over HTTP/1.1, on one port. Knows the store by its interface only; everything that comes in here
 * is a client's, never a member's.
 */
@NullMarked
package io.quorate.rpc.etcd;

import org.jspecify.annotations.NullMarked;
