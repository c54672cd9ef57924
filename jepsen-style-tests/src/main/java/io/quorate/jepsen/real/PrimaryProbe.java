package io.quorate.jepsen.real;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks every PostgreSQL directly, over and over, whether it takes writes; two that do at the same
 * time are a split brain. One thread for each node, past everything that Quorate says of itself.
 */
public final class PrimaryProbe implements AutoCloseable {

  private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

  private final List<Thread> threads = new ArrayList<>();
  private final List<Stretch> stretches = new ArrayList<>();
  private volatile boolean stopped;

  /** From just before the first to just after the last time that {@code node} took a write. */
  public record Stretch(String node, long fromNanos, long toNanos) {}

  /** Begins to probe. */
  public PrimaryProbe(List<RealNode> nodes) {
    for (RealNode node : nodes) {
      threads.add(Thread.ofPlatform().daemon().name("probe " + node.name()).start(() -> run(node)));
    }
  }

  private void run(RealNode node) {
    Connection connection = null;
    long began = 0;
    long last = 0;
    while (!stopped) {
      long sent = System.nanoTime();
      boolean writable = false;
      try {
        if (connection == null) {
          connection = Ledger.connect(node);
        }
        writable = takesWrites(connection);
      } catch (SQLException e) {
        close(connection);
        connection = null;
      }
      if (writable) {
        // The answer proves it for some moment between sending and now; the earlier end of the
        // next stretch and the later end of this one are the sure ones.
        if (began == 0) {
          began = System.nanoTime();
        }
        last = sent;
      } else if (began != 0) {
        add(new Stretch(node.name(), began, Math.max(began, last)));
        began = 0;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    if (began != 0) {
      add(new Stretch(node.name(), began, Math.max(began, last)));
    }
    close(connection);
  }

  /** A write that must be flushed, not just a question. */
  private static boolean takesWrites(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet recovery = statement.executeQuery("SELECT pg_is_in_recovery()")) {
      recovery.next();
      if (recovery.getBoolean(1)) {
        return false;
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT pg_logical_emit_message(true, 'probe', '')").close();
      return true;
    }
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // Broken already.
        return;
      }
    }
  }

  private synchronized void add(Stretch stretch) {
    stretches.add(stretch);
  }

  /** Ends the probing and returns all stretches. */
  public List<Stretch> finish() {
    stop();
    synchronized (this) {
      return List.copyOf(stretches);
    }
  }

  /** Pairs of stretches of different nodes that surely overlap. */
  public static List<String> overlaps(List<Stretch> stretches) {
    List<String> found = new ArrayList<>();
    for (Stretch a : stretches) {
      for (Stretch b : stretches) {
        long overlap = Math.min(a.toNanos(), b.toNanos()) - Math.max(a.fromNanos(), b.fromNanos());
        if (a.node().compareTo(b.node()) < 0 && overlap > 0) {
          found.add(
              a.node()
                  + " and "
                  + b.node()
                  + " for "
                  + Duration.ofNanos(overlap).toMillis()
                  + " ms");
        }
      }
    }
    return found;
  }

  /** How long after {@code atNanos} the node went on to take writes. */
  static Duration tookWritesAfter(List<Stretch> stretches, String node, long atNanos) {
    return stretches.stream()
        .filter(s -> s.node().equals(node) && s.fromNanos() <= atNanos && s.toNanos() > atNanos)
        .map(s -> Duration.ofNanos(s.toNanos() - atNanos))
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    stop();
  }

  /** Ends the probing. */
  void stop() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
