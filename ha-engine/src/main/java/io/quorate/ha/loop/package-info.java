/**
 * The loop that connects facts, judgement and deeds. All mutable state of the engine belongs to the
 * one thread (or virtual thread of control) of {@code HaLoop}; nothing here blocks it.
 */
@NullMarked
package io.quorate.ha.loop;

import org.jspecify.annotations.NullMarked;
