/** Whether what an operator wishes can be done, and what it would cost. Pure. */
@NullMarked
package io.quorate.ha.decide.wish;

import org.jspecify.annotations.NullMarked;
