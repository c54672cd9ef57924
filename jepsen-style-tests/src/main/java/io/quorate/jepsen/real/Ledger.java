package io.quorate.jepsen.real;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An application: one connection, one row after another, each with a new number; remembers which
 * were acknowledged, and when. Finds the primary as libpq does, by {@code target_session_attrs}.
 */
public final class Ledger implements AutoCloseable {

  private static final long PAUSE_NANOS = Duration.ofMillis(2).toNanos();

  private final List<RealNode> nodes;
  private final Thread writer;
  private final TreeSet<Long> acknowledged = new TreeSet<>();
  private final List<String> moves = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private volatile boolean stopped;
  private long lastAckNanos;
  private long next;
  private @Nullable Connection connection;
  private volatile @Nullable RealNode connectedTo;
  private volatile @Nullable RealNode lastAckOn;

  /** A stretch of time without an acknowledged write, in nanoseconds of the monotonic clock. */
  public record Gap(long fromNanos, long toNanos) {
    /** Its length. */
    public Duration length() {
      return Duration.ofNanos(toNanos - fromNanos);
    }
  }

  private Ledger(List<RealNode> nodes) {
    this.nodes = nodes;
    this.writer = Thread.ofPlatform().name("ledger").daemon().unstarted(this::run);
  }

  /** Makes the table on the primary and begins to write. */
  public static Ledger open(RealCluster cluster) {
    Ledger ledger = new Ledger(cluster.nodes());
    RealNode primary = cluster.primary().orElseThrow();
    try (Connection c = connect(primary);
        Statement statement = c.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS ledger (id bigint PRIMARY KEY)");
      try (ResultSet last = statement.executeQuery("SELECT coalesce(max(id), 0) FROM ledger")) {
        last.next();
        ledger.next = last.getLong(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    ledger.lastAckNanos = System.nanoTime();
    ledger.writer.start();
    return ledger;
  }

  /** A connection to one node, whatever it is. */
  public static Connection connect(RealNode node) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", "secret");
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("socketTimeout", "3");
    properties.setProperty("loginTimeout", "2");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + node.address() + ":" + node.postgresPort() + "/postgres",
        properties);
  }

  private void run() {
    while (!stopped) {
      try {
        writeOne();
      } catch (SQLException e) {
        drop();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    drop();
  }

  private void writeOne() throws SQLException {
    Connection c = connection;
    if (c == null) {
      c = connectToPrimary();
      connection = c;
    }
    long id = ++next;
    try (PreparedStatement insert = c.prepareStatement("INSERT INTO ledger VALUES (?)")) {
      insert.setLong(1, id);
      insert.executeUpdate();
    }
    acked(id);
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private Connection connectToPrimary() throws SQLException {
    SQLException last = new SQLException("no node");
    for (RealNode node : nodes) {
      try {
        Connection c = connect(node);
        try (Statement statement = c.createStatement();
            ResultSet result = statement.executeQuery("SELECT pg_is_in_recovery()")) {
          result.next();
          if (!result.getBoolean(1)) {
            connectedTo = node;
            return c;
          }
        }
        c.close();
      } catch (SQLException e) {
        last = e;
      }
    }
    throw last;
  }

  private synchronized void acked(long id) {
    long now = System.nanoTime();
    gaps.add(new Gap(lastAckNanos, now));
    if (gaps.size() > 100_000) {
      gaps.subList(0, 50_000).clear();
    }
    lastAckNanos = now;
    acknowledged.add(id);
    RealNode node = connectedTo;
    if (node != null && !node.equals(lastAckOn)) {
      moves.add("from " + id + " on " + node.name());
    }
    lastAckOn = node;
  }

  /** Whether the last write that was acknowledged was made on {@code node}. */
  public boolean writesTo(RealNode node) {
    return node.equals(lastAckOn);
  }

  private void drop() {
    Connection c = connection;
    connection = null;
    if (c != null) {
      try {
        c.close();
      } catch (SQLException e) {
        // Already broken: that is why it is dropped.
        return;
      }
    }
  }

  /** Numbers acknowledged so far. */
  public synchronized SortedSet<Long> acknowledged() {
    return new TreeSet<>(acknowledged);
  }

  /** Number acknowledged so far. */
  public synchronized int count() {
    return acknowledged.size();
  }

  /** Where the writes that were acknowledged went, e.g. {@code from 4711 on node2}. */
  synchronized List<String> moves() {
    return List.copyOf(moves);
  }

  /** The longest gap that ended after {@code sinceNanos}, up to now. */
  public synchronized Gap longestGapSince(long sinceNanos) {
    Gap longest = new Gap(lastAckNanos, System.nanoTime());
    for (Gap gap : gaps) {
      if (gap.toNanos() >= sinceNanos && gap.length().compareTo(longest.length()) > 0) {
        longest = gap;
      }
    }
    return longest;
  }

  /** Time of the last acknowledgement. */
  public synchronized long lastAckNanos() {
    return lastAckNanos;
  }

  /** Acknowledged numbers that {@code node} does not have. */
  public SortedSet<Long> missingOn(RealNode node) throws SQLException {
    SortedSet<Long> missing = acknowledged();
    try (Connection c = connect(node);
        Statement statement = c.createStatement();
        ResultSet result = statement.executeQuery("SELECT id FROM ledger")) {
      while (result.next()) {
        missing.remove(result.getLong(1));
      }
    }
    return missing;
  }

  @Override
  public void close() {
    stop();
  }

  /** Ends the writing; what was acknowledged stays known. */
  public void stop() {
    stopped = true;
    writer.interrupt();
    try {
      writer.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
