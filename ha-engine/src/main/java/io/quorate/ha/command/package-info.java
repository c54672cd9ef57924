/** What operators ask through any member: written to the store, acted on by whom it concerns. */
@NullMarked
package io.quorate.ha.command;

import org.jspecify.annotations.NullMarked;
