/** Says in sentences why things are as they are. Pure. */
@NullMarked
package io.quorate.ha.explain;

import org.jspecify.annotations.NullMarked;
