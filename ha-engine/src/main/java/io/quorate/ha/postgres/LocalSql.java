package io.quorate.ha.postgres;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * SQL on the local server, wherever it listens now: its unix socket where configured, else TCP. One
 * connection is kept; one caller at a time.
 */
final class LocalSql implements AutoCloseable {

  private static final List<String> EVERYWHERE = List.of("*", "0.0.0.0", "localhost", "127.0.0.1");

  private final Instance instance;
  private final int statementMillis;
  private @Nullable Sql current;
  private long pid;

  /** Connecting and each statement take at most {@code statementMillis}. */
  LocalSql(Instance instance, int statementMillis) {
    this.instance = instance;
    this.statementMillis = statementMillis;
  }

  /** For the server that {@code file} speaks of. */
  synchronized Sql of(PidFile file) {
    Sql.Endpoint wanted = endpoint(instance.config(), file).withStatementMillis(statementMillis);
    Sql open = current;
    if (open == null || pid != file.pid() || !open.endpoint().equals(wanted)) {
      close();
      open = new Sql(wanted);
      current = open;
      pid = file.pid();
    }
    return open;
  }

  static Sql.Endpoint endpoint(PostgresConfig config, PidFile file) {
    if (config.useUnixSocket() && !file.socketDir().isEmpty()) {
      return Sql.socket(file.socketDir(), file.port(), config.superuser());
    }
    if (file.listenAddress().isEmpty() && !file.socketDir().isEmpty()) {
      return Sql.socket(file.socketDir(), file.port(), config.superuser());
    }
    return Sql.tcp(tcpHost(config), file.port(), config.superuser());
  }

  private static String tcpHost(PostgresConfig config) {
    List<String> listened =
        List.of(config.listenAddresses().split(",")).stream().map(String::strip).toList();
    Optional<String> loopback = listened.stream().filter(EVERYWHERE::contains).findFirst();
    return loopback.isPresent() ? "127.0.0.1" : listened.getFirst();
  }

  @Override
  public synchronized void close() {
    Sql open = current;
    current = null;
    if (open != null) {
      open.close();
    }
  }
}
