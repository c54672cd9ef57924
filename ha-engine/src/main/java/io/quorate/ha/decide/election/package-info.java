/** Who may become primary, who should, and whether enough have pledged to say so. Pure. */
@NullMarked
package io.quorate.ha.decide.election;

import org.jspecify.annotations.NullMarked;
