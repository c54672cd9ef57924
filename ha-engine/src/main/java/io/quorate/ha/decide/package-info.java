/**
 * The judgement: {@code Observation → Situation → Decision(actions, reason)}. Pure; one file for
 * each situation. What runs here in production runs unchanged in the simulator.
 */
@NullMarked
package io.quorate.ha.decide;

import org.jspecify.annotations.NullMarked;
