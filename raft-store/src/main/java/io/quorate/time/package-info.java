/**
 * Time as an argument: the ports through which all other code reads clocks and arms timers.
 *
 * <p>Deadlines are elapsed time on the boot clock ({@code CLOCK_BOOTTIME}, which goes on while the
 * machine is suspended); wall time is for people and for schedules only. Only {@link
 * io.quorate.time.SystemTime} may read the machine's clocks.
 */
@NullMarked
package io.quorate.time;

import org.jspecify.annotations.NullMarked;
