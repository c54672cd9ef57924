/**
 * Records histories of real store processes under faults and has them judged: members in processes
 * of their own, clients that talk to them line by line, and a nemesis.
 */
@NullMarked
package io.quorate.jepsen.linear.run;

import org.jspecify.annotations.NullMarked;
