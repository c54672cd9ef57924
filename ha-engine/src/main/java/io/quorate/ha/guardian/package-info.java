/**
 * The guardian: a process outside this program that ends PostgreSQL when it is not fed, whatever
 * happens to this program.
 */
@NullMarked
package io.quorate.ha.guardian;

import org.jspecify.annotations.NullMarked;
