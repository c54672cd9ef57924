/**
 * What the engine needs from the world, and nothing more: PostgreSQL, durable notes, the guardian,
 * other members. Each port has a production shell and a twin in the simulator. Pure types.
 */
@NullMarked
package io.quorate.ha.port;

import org.jspecify.annotations.NullMarked;
