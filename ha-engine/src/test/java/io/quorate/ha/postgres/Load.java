package io.quorate.ha.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Writers that commit as fast as they can, until closed or until their server goes. */
final class Load implements AutoCloseable {

  private static final int WRITERS = 3;

  private final List<Thread> writers = new ArrayList<>();
  private final AtomicInteger commits = new AtomicInteger();
  private volatile boolean ended;

  private Load() {}

  /** Begins once the first commits are made. */
  static Load on(Member primary) {
    primary.execute("CREATE TABLE IF NOT EXISTS load(x text)");
    Load load = new Load();
    for (int i = 0; i < WRITERS; i++) {
      load.writers.add(Thread.ofPlatform().daemon(true).start(() -> load.write(primary)));
    }
    primary.await(() -> load.commits.get() > 20);
    return load;
  }

  private void write(Member primary) {
    try (Sql sql =
        new Sql(
            Sql.socket(
                primary.home.toString(), primary.config.port(), primary.config.superuser()))) {
      for (int i = 0; !ended; i++) {
        sql.execute("INSERT INTO load SELECT repeat('x', " + (i * 97) % 20_000 + ")");
        commits.incrementAndGet();
      }
    } catch (PostgresFailure e) {
      // Its server was ended: that is what some tests do.
    }
  }

  @Override
  public void close() {
    ended = true;
    for (Thread writer : writers) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
