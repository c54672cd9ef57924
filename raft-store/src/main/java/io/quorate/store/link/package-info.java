/**
 * How the store's replicas reach each other beside Raft: term confirmation, forwarding, joining.
 * The messages are the store's own affair; whoever carries them sees bytes.
 */
@NullMarked
package io.quorate.store.link;

import org.jspecify.annotations.NullMarked;
