package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** One member of a test: its configuration, the code under test, and SQL of the test's own. */
final class Member {

  private static final long PATIENCE_SECONDS = 60;

  final RealPostgres world;
  final Path home;
  final PostgresConfig config;
  LocalPostgres postgres;

  Member(RealPostgres world, Path home, PostgresConfig config) {
    this.world = world;
    this.home = home;
    this.config = config;
    this.postgres = open(config);
  }

  private LocalPostgres open(PostgresConfig wanted) {
    return new LocalPostgres(wanted, RealPostgres.launcher(), world.time, world.time);
  }

  /** As after kill -9 of the agent: everything in memory is gone, PostgreSQL goes on. */
  void restartAgent() {
    postgres.close();
    postgres = open(config);
  }

  <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  OperationResult run(PostgresOperation operation) throws Exception {
    return get(postgres.run(operation));
  }

  OperationResult succeed(PostgresOperation operation) throws Exception {
    OperationResult result = run(operation);
    assertThat(result)
        .as("%s of %s", operation, config.name())
        .isNotInstanceOf(OperationResult.Failed.class);
    return result;
  }

  /** The reason for which it fails. */
  String fail(PostgresOperation operation) throws Exception {
    OperationResult result = run(operation);
    assertThat(result)
        .as("%s of %s", operation, config.name())
        .isInstanceOf(OperationResult.Failed.class);
    return ((OperationResult.Failed) result).reason();
  }

  PostgresStatus sample() throws Exception {
    return get(postgres.sample());
  }

  EndOfWal endOfWal() throws Exception {
    OperationResult result = get(postgres.endOfWal());
    assertThat(result).isInstanceOf(OperationResult.Frozen.class);
    return ((OperationResult.Frozen) result).end();
  }

  void startPrimary() throws Exception {
    succeed(new PostgresOperation.StartPrimary(Map.of()));
  }

  EndOfWal freeze(long round) throws Exception {
    return ((OperationResult.Frozen)
            succeed(new PostgresOperation.Freeze(new Epoch(round), Map.of())))
        .end();
  }

  OperationResult.Promoted promote(long epoch, EndOfWal from, int timeline) throws Exception {
    return (OperationResult.Promoted)
        succeed(new PostgresOperation.Promote(new Epoch(epoch), from, new TimelineId(timeline)));
  }

  PostgresOperation.Source source(long epoch) {
    return new PostgresOperation.Source(
        config.name(), "127.0.0.1", config.port(), new Epoch(epoch));
  }

  void follow(Member primary, long epoch) throws Exception {
    succeed(new PostgresOperation.Follow(primary.source(epoch), true, Map.of()));
  }

  /** Makes a copy of {@code primary} that has a slot there and streams. */
  void joinAsStandby(Member primary, long epoch) throws Exception {
    primary.sql(
        "SELECT pg_create_physical_replication_slot('"
            + config.name().slotName()
            + "', true)"
            + " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '"
            + config.name().slotName()
            + "')");
    succeed(new PostgresOperation.Clone(primary.source(epoch), RealPostgres.dataId(config.port())));
    follow(primary, epoch);
    awaitStreaming(primary);
  }

  void awaitStreaming(Member primary) {
    await(() ->
        primary
            .sql("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")
            .stream()
            .anyMatch(name -> name.startsWith(config.name() + "_")));
  }

  /** Waits until {@code primary} was told that this member has flushed up to {@code lsn}. */
  void awaitAcknowledged(Member primary, Lsn lsn) {
    await(() ->
        primary.sql("SELECT application_name || ' ' || flush_lsn FROM pg_stat_replication").stream()
            .filter(row -> row.startsWith(config.name() + "_"))
            .map(row -> Lsn.parse(row.substring(row.indexOf(' ') + 1)))
            .anyMatch(flushed -> flushed.compareTo(lsn) >= 0));
  }

  void awaitReplayed(Lsn lsn) {
    await(() -> Lsn.parse(sql("SELECT pg_last_wal_replay_lsn()").getFirst()).compareTo(lsn) >= 0);
  }

  Lsn flushed() {
    return Lsn.parse(sql("SELECT pg_current_wal_flush_lsn()").getFirst());
  }

  /** First column of every row, by a connection of the test's own. */
  List<String> sql(String statement) {
    try (Sql sql =
        new Sql(
            Sql.socket(home.toString(), config.port(), config.superuser())
                .withStatementMillis(20_000))) {
      return sql.query(statement, row -> row.text(1));
    }
  }

  void execute(String statement) {
    try (Sql sql =
        new Sql(
            Sql.socket(home.toString(), config.port(), config.superuser())
                .withStatementMillis(20_000))) {
      sql.execute(statement);
    }
  }

  long postmaster() {
    return PidFile.read(config.dataDir()).orElseThrow().pid();
  }

  void kill(int signal, long pid) {
    int pidfd = Native.pidfdOpen(pid);
    assertThat(pidfd).as("process %d", pid).isPositive();
    assertThat(Native.sendSignal(pidfd, signal)).isTrue();
    Native.close(pidfd);
  }

  /** As after a crash of PostgreSQL alone: its processes are gone, its files as they were. */
  void crash() {
    InstanceProcesses processes = new InstanceProcesses(config.dataDir());
    await(() -> {
      List<Long> left = processes.find();
      int _ = processes.signal(left, Native.SIGKILL);
      return left.isEmpty();
    });
  }

  List<Long> processes() {
    return new InstanceProcesses(config.dataDir()).find();
  }

  void awaitSample(Predicate<PostgresStatus> condition) {
    await(() -> condition.test(postgres.sample().toCompletableFuture().join()));
  }

  void await(BooleanSupplier condition) {
    boolean held = new Patience(world.time).until(Duration.ofSeconds(PATIENCE_SECONDS), condition);
    assertThat(held).as("waited for at %s", config.name()).isTrue();
  }

  String log() throws IOException {
    return Files.readString(config.stateDir().resolve("postgresql.log"));
  }
}
