package io.quorate.ha.loop;

import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.NodeStateStore;
import io.quorate.ha.port.Peers;
import io.quorate.ha.port.PostgresControl;
import io.quorate.store.Store;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Everything outside.
 *
 * @param executor runs the loop's tasks one after another, in order; the loop's only thread
 * @param wallClock for people: reports and history
 */
public record HaPorts(
    Store store,
    PostgresControl postgres,
    NodeStateStore nodeState,
    Guardian guardian,
    Peers peers,
    MonotonicClock clock,
    TaskScheduler scheduler,
    Executor executor,
    RandomGenerator random,
    InstantSource wallClock,
    HaEvents events) {}
