/**
 * The composition root: builds one member from its file, runs it, ends it. Imports everything and
 * is imported by nobody.
 */
@NullMarked
package io.quorate.node;

import org.jspecify.annotations.NullMarked;
