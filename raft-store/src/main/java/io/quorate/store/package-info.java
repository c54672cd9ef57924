/**
 * The replicated key-value store as its users see it: etcd's data model (one revision counter, keys
 * with create and mod revision and version, transactions, leases, watches).
 *
 * <p>The only package of the store that the rest of Quorate may use. Nothing here knows Raft.
 */
@NullMarked
package io.quorate.store;

import org.jspecify.annotations.NullMarked;
