package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.node.DurableFiles;
import io.quorate.ha.port.PostgresOperation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Copies another member's data directory with {@code pg_basebackup}. */
final class BaseBackup {

  private static final Duration BOUND = Duration.ofDays(7);
  private static final Pattern PROGRESS = Pattern.compile("(\\d+)/(\\d+) kB");

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final UnfinishedWork unfinished;
  private final PassFile passFile;
  private final ConfigFiles configFiles;
  private volatile Optional<CloneProgress> progress = Optional.empty();

  BaseBackup(
      Instance instance,
      ProcessLauncher launcher,
      UnfinishedWork unfinished,
      PassFile passFile,
      ConfigFiles configFiles) {
    this.instance = instance;
    this.launcher = launcher;
    this.unfinished = unfinished;
    this.passFile = passFile;
    this.configFiles = configFiles;
  }

  Optional<CloneProgress> progress() {
    return progress;
  }

  /** Leaves it stopped, a standby that has no upstream yet. */
  void run(PostgresOperation.Source source, DataId dataId) throws IOException {
    DurableFiles.makeDirectory(instance.dataDir());
    unfinished.beginMaking("clone");
    passFile.writeFor(source.host(), source.port());
    String conninfo =
        FollowOperation.sourceConninfo(instance.config(), source, passFile)
            .with("application_name", instance.config().name() + "_clone")
            .with("connect_timeout", "10")
            .toString();
    try {
      ProcessLauncher.Finished finished =
          launcher.run(command(conninfo), Map.of("LC_MESSAGES", "C"), "", BOUND, this::note);
      if (!finished.ok()) {
        throw new PostgresFailure(
            "pg_basebackup from "
                + source.member()
                + " ("
                + source.host()
                + ":"
                + source.port()
                + ") failed: "
                + LogTail.last(finished.output(), 4));
      }
    } finally {
      progress = Optional.empty();
    }
    // The copy brought the source's own marks with it.
    instance.writeStandbySignal();
    configFiles.writeUpstream(UpstreamSetting.none());
    configFiles.purgeAuto();
    instance.writeDataId(dataId);
    DurableFiles.syncDirectory(instance.dataDir());
    unfinished.endMaking();
  }

  /** What was asked for comes last, where it overrides. */
  private List<String> command(String conninfo) {
    List<String> command =
        new ArrayList<>(
            List.of(
                instance.program("pg_basebackup"),
                "--pgdata=" + instance.dataDir(),
                "--dbname=" + conninfo,
                "--wal-method=stream",
                "--checkpoint=fast",
                "--progress",
                "--no-password"));
    instance.config().basebackupOptions().forEach(option -> command.add("--" + option));
    return command;
  }

  private void note(String line) {
    Matcher matcher = PROGRESS.matcher(line);
    if (matcher.find()) {
      progress =
          Optional.of(
              new CloneProgress(
                  1024 * Long.parseLong(matcher.group(1)),
                  1024 * Long.parseLong(matcher.group(2))));
    }
  }
}
