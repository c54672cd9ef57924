package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Secret;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a new cluster: {@code initdb}, then the configured roles through the single-user server, so
 * that at no time a server without its roles and rules can be reached.
 */
final class InitDb {

  private static final Duration INITDB_BOUND = Duration.ofMinutes(10);
  private static final Duration ROLES_BOUND = Duration.ofMinutes(1);

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final UnfinishedWork unfinished;

  InitDb(Instance instance, ProcessLauncher launcher, UnfinishedWork unfinished) {
    this.instance = instance;
    this.launcher = launcher;
    this.unfinished = unfinished;
  }

  /** Leaves it stopped, and a standby until it is started as a primary on purpose. */
  long run(DataId dataId) throws IOException {
    DurableFiles.makeDirectory(instance.dataDir());
    unfinished.beginMaking("initdb");
    initdb();
    addRules();
    makeRoles();
    instance.writeStandbySignal();
    instance.writeDataId(dataId);
    DurableFiles.syncDirectory(instance.dataDir());
    long systemIdentifier = ControlData.read(launcher, instance).facts().systemIdentifier();
    unfinished.endMaking();
    return systemIdentifier;
  }

  private void initdb() throws IOException {
    PostgresConfig config = instance.config();
    List<String> command = new ArrayList<>();
    command.add(instance.program("initdb"));
    command.add("-D");
    command.add(instance.dataDir().toString());
    command.add("--username=" + config.superuser().username());
    Path passwordFile = instance.stateDir().resolve("initdb-password");
    Optional<Secret> password = config.superuser().password();
    if (password.isPresent()) {
      DurableFiles.write(passwordFile, password.get().reveal() + "\n");
      command.add("--pwfile=" + passwordFile);
      if (config.initdbOptions().stream().noneMatch(option -> option.startsWith("auth"))) {
        command.add("--auth=scram-sha-256");
      }
    }
    config.initdbOptions().forEach(option -> command.add("--" + option));
    try {
      ProcessLauncher.Finished finished =
          launcher.run(command, Map.of(), "", INITDB_BOUND, line -> {});
      if (!finished.ok()) {
        throw new PostgresFailure("initdb failed: " + LogTail.last(finished.output(), 5));
      }
    } finally {
      Files.deleteIfExists(passwordFile);
    }
  }

  /** What the members need of each other, where the user gave no rules of their own. */
  private void addRules() throws IOException {
    PostgresConfig config = instance.config();
    if (!config.pgHba().isEmpty() || config.replication().password().isEmpty()) {
      return;
    }
    StringBuilder rules = new StringBuilder("\n# The members of the cluster\n");
    rules
        .append("host replication ")
        .append(name(config.replication()))
        .append(" all scram-sha-256\n");
    config
        .rewind()
        .filter(role -> role.password().isPresent())
        .ifPresent(role ->
            rules.append("host postgres ").append(name(role)).append(" all scram-sha-256\n"));
    if (config.superuser().password().isPresent()) {
      rules.append("host all ").append(name(config.superuser())).append(" all scram-sha-256\n");
    }
    Path file = instance.dataDir().resolve("pg_hba.conf");
    DurableFiles.write(file, Files.readString(file) + rules);
  }

  private static String name(PostgresConfig.Credentials role) {
    return "\"" + role.username().replace("\"", "\"\"") + "\"";
  }

  private void makeRoles() {
    PostgresConfig config = instance.config();
    List<String> statements = new ArrayList<>();
    statements.add("SET log_statement = 'none'");
    statements.add("SET password_encryption = 'scram-sha-256'");
    if (!config.replication().username().equals(config.superuser().username())) {
      statements.add(create(config.replication(), "LOGIN REPLICATION"));
    }
    config
        .rewind()
        .filter(role -> !role.username().equals(config.superuser().username()))
        .ifPresent(role -> {
          statements.add(create(role, "LOGIN"));
          statements.addAll(rewindRights(role));
        });
    ProcessLauncher.Finished finished =
        launcher.run(
            List.of(
                instance.program("postgres"),
                "--single",
                "-D",
                instance.dataDir().toString(),
                "-c",
                "exit_on_error=on",
                "-c",
                "log_min_error_statement=panic",
                "postgres"),
            Map.of(),
            String.join("\n", statements) + "\n",
            ROLES_BOUND,
            line -> {});
    if (!finished.ok()) {
      throw new PostgresFailure(
          "the roles of postgresql.authentication could not be made: "
              + LogTail.last(finished.output(), 5));
    }
  }

  private static String create(PostgresConfig.Credentials role, String options) {
    String password =
        role.password()
            .map(secret -> " PASSWORD '" + secret.reveal().replace("'", "''") + "'")
            .orElse("");
    return "CREATE ROLE " + name(role) + " " + options + password;
  }

  /** What pg_rewind reads from its source. */
  private static List<String> rewindRights(PostgresConfig.Credentials role) {
    return List.of(
            "pg_catalog.pg_ls_dir(text, boolean, boolean)",
            "pg_catalog.pg_stat_file(text, boolean)",
            "pg_catalog.pg_read_binary_file(text)",
            "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)")
        .stream()
        .map(function -> "GRANT EXECUTE ON FUNCTION " + function + " TO " + name(role))
        .toList();
  }
}
