/**
 * The store's bytes: commands of the log, results, snapshots. The only package of the store that
 * knows the generated messages. Every form begins with a format byte; an unknown one is refused by
 * name, since guessing would make replicas differ.
 */
@NullMarked
package io.quorate.store.codec;

import org.jspecify.annotations.NullMarked;
