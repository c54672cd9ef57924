/**
 * The cluster in the store: which keys there are, what stands in them, and the transactions on
 * them. The only place that knows key names and JSON. Pure but for {@code ClusterWatch}.
 */
@NullMarked
package io.quorate.ha.cluster;

import org.jspecify.annotations.NullMarked;
