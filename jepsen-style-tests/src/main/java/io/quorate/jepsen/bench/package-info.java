/**
 * Benchmarks of the store, beside etcd where that is installed. Not tests: the machine's load
 * decides the figures, so it is printed with them.
 */
@NullMarked
package io.quorate.jepsen.bench;

import org.jspecify.annotations.NullMarked;
