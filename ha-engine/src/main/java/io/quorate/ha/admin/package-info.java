/**
 * What operators ask of the store directly, without the loop: the dynamic configuration. Any thread
 * may call; nothing blocks.
 */
@NullMarked
package io.quorate.ha.admin;

import org.jspecify.annotations.NullMarked;
