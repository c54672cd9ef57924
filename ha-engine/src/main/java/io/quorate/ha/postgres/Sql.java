package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * SQL on one server, bounded in time: connecting, each statement, and each read from the socket.
 * One connection, kept until something goes wrong with it. Blocks; one caller at a time.
 */
final class Sql implements AutoCloseable {

  private static final int CONNECT_SECONDS_MAX = 10;
  private static final int STATEMENT_MILLIS = 2000;

  private final Endpoint endpoint;
  private @Nullable Connection connection;

  /** Where and as whom; {@code socketDir} empty: over TCP. */
  record Endpoint(
      Optional<String> socketDir,
      String host,
      int port,
      PostgresConfig.Credentials role,
      int statementMillis) {

    Endpoint withStatementMillis(int millis) {
      return new Endpoint(socketDir, host, port, role, millis);
    }
  }

  /** The values of one row, by column from 1. */
  interface Row {
    /** Text; empty for null. */
    String text(int column);

    boolean flag(int column);

    long number(int column);

    Optional<Lsn> lsn(int column);

    Optional<Instant> time(int column);
  }

  Sql(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** The server at {@code host}:{@code port} over TCP. */
  static Endpoint tcp(String host, int port, PostgresConfig.Credentials role) {
    return new Endpoint(Optional.empty(), host, port, role, STATEMENT_MILLIS);
  }

  /** The server whose unix socket for {@code port} lies in {@code directory}. */
  static Endpoint socket(String directory, int port, PostgresConfig.Credentials role) {
    return new Endpoint(Optional.of(directory), "localhost", port, role, STATEMENT_MILLIS);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** All rows of one query. */
  <T> List<T> query(String sql, Function<Row, T> mapper) {
    return queries(List.of(sql), List.of(mapper)).getFirst();
  }

  /** The only row of a query. */
  <T> T one(String sql, Function<Row, T> mapper) {
    List<T> rows = query(sql, mapper);
    if (rows.size() != 1) {
      throw new PostgresFailure("expected one row, got " + rows.size() + " from: " + sql);
    }
    return rows.getFirst();
  }

  /** Several queries in one round trip, each with the mapper of the same index. */
  <T> List<List<T>> queries(List<String> sqls, List<? extends Function<Row, ? extends T>> mappers) {
    try (Statement statement = connect().createStatement()) {
      List<List<T>> results = new ArrayList<>();
      boolean hasRows = statement.execute(String.join(";", sqls));
      for (Function<Row, ? extends T> mapper : mappers) {
        List<T> rows = new ArrayList<>();
        if (hasRows) {
          try (ResultSet set = statement.getResultSet()) {
            while (set.next()) {
              rows.add(mapper.apply(new JdbcRow(set)));
            }
          }
        }
        results.add(rows);
        hasRows = statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
      }
      return results;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** A statement without rows to be read. */
  void execute(String sql) {
    try (Statement statement = connect().createStatement()) {
      boolean _ = statement.execute(sql);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private PostgresFailure failed(SQLException e) {
    close();
    return new PostgresFailure(explain(e));
  }

  private Connection connect() throws SQLException {
    Connection open = connection;
    if (open != null && !open.isClosed()) {
      return open;
    }
    Properties properties = new Properties();
    properties.setProperty("user", endpoint.role().username());
    endpoint
        .role()
        .password()
        .ifPresent(password -> properties.setProperty("password", password.reveal()));
    String connecting =
        Integer.toString(Math.clamp(endpoint.statementMillis() / 1000, 1, CONNECT_SECONDS_MAX));
    properties.setProperty("connectTimeout", connecting);
    properties.setProperty("loginTimeout", connecting);
    int reading = endpoint.statementMillis() == 0 ? 0 : 1 + endpoint.statementMillis() / 1000;
    properties.setProperty("socketTimeout", Integer.toString(reading));
    properties.setProperty("ApplicationName", "Quorate");
    properties.setProperty("assumeMinServerVersion", "13");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("gssEncMode", "disable");
    // The agent's own statements must never wait for a standby.
    properties.setProperty(
        "options",
        "-c synchronous_commit=local -c statement_timeout=" + endpoint.statementMillis());
    if (endpoint.socketDir().isPresent()) {
      properties.setProperty("sslmode", "disable");
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty(
          "socketFactoryArg", endpoint.socketDir().get() + "/.s.PGSQL." + endpoint.port());
    } else {
      endpoint.role().sslOptions().forEach(properties::setProperty);
    }
    String host = endpoint.host().contains(":") ? "[" + endpoint.host() + "]" : endpoint.host();
    String url = "jdbc:postgresql://" + host + ":" + endpoint.port() + "/postgres";
    Connection made = DriverManager.getDriver(url).connect(url, properties);
    if (made == null) {
      throw new SQLException("the driver does not take this address: " + host);
    }
    connection = made;
    return made;
  }

  private String explain(SQLException e) {
    String state = Optional.ofNullable(e.getSQLState()).orElse("");
    String message = String.valueOf(e.getMessage()).replace('\n', ' ');
    String where =
        endpoint.socketDir().map(dir -> dir + " port ").orElse(endpoint.host() + ":")
            + endpoint.port();
    return switch (state) {
      case "28P01" ->
          "the password of role "
              + endpoint.role().username()
              + " is wrong at "
              + where
              + ": check postgresql.authentication";
      case "28000" ->
          where
              + " does not let role "
              + endpoint.role().username()
              + " in: check postgresql.pg_hba and postgresql.authentication ("
              + message
              + ")";
      case "57P03" -> "not accepting connections yet (" + message + ")";
      case "53100" -> full(message);
      default ->
          message.contains("could not write init file") || message.contains("No space left")
              ? full(message)
              : state.startsWith("08")
                  ? where + " does not answer (" + message + ")"
                  : String.format(Locale.ROOT, "%s (SQLSTATE %s)", message, state);
    };
  }

  private static String full(String message) {
    return "the disk is full where postgresql.data_dir lies: free some room (" + message + ")";
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        // Not close(): that writes to a server that may hang.
        open.abort(Runnable::run);
      } catch (SQLException e) {
        // It is gone either way.
      }
    }
  }

  private record JdbcRow(ResultSet set) implements Row {
    @Override
    public String text(int column) {
      try {
        return Optional.ofNullable(set.getString(column)).orElse("");
      } catch (SQLException e) {
        throw unreadable(column, e);
      }
    }

    @Override
    public boolean flag(int column) {
      try {
        return set.getBoolean(column);
      } catch (SQLException e) {
        throw unreadable(column, e);
      }
    }

    @Override
    public long number(int column) {
      try {
        return set.getLong(column);
      } catch (SQLException e) {
        throw unreadable(column, e);
      }
    }

    @Override
    public Optional<Lsn> lsn(int column) {
      String text = text(column);
      return text.isEmpty() ? Optional.empty() : Optional.of(Lsn.parse(text));
    }

    @Override
    public Optional<Instant> time(int column) {
      try {
        return Optional.ofNullable(set.getObject(column, OffsetDateTime.class))
            .map(OffsetDateTime::toInstant);
      } catch (SQLException e) {
        throw unreadable(column, e);
      }
    }

    private static PostgresFailure unreadable(int column, SQLException e) {
      return new PostgresFailure("column " + column + " cannot be read: " + e.getMessage());
    }
  }
}
