/**
 * The replicated store: the state machine on Apache Ratis. The only package that knows Ratis.
 *
 * <p>{@link io.quorate.store.raft.RaftStore} is the whole of its public face, beside its settings.
 * Inside, {@code RaftNode} owns the Raft server and its files, {@code Replica} the state and the
 * leader's knowledge about it, {@code Router} finds the leader for a request, {@code
 * TermConfirmation} proves leadership for reads and renewals, {@code Bootstrap} founds or joins the
 * group, {@code WatchHub} tells watchers.
 */
@NullMarked
package io.quorate.store.raft;

import org.jspecify.annotations.NullMarked;
