/**
 * A member's YAML file, in Patroni's shape, read into one immutable {@link
 * io.quorate.node.config.NodeConfig}. Every problem is found in one pass and named by file, line,
 * path and remedy. Owns no state; the only package that knows YAML.
 */
@NullMarked
package io.quorate.node.config;

import org.jspecify.annotations.NullMarked;
