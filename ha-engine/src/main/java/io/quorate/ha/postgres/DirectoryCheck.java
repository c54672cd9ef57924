package io.quorate.ha.postgres;

import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells what kind of thing the data directory is, and what is wrong with it. */
final class DirectoryCheck {

  private static final Pattern MAJOR = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

  /** The first whose restore_command can be changed without a restart. */
  private static final int OLDEST = 14;

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final UnfinishedWork unfinished;
  private volatile @Nullable String programMajor;

  DirectoryCheck(Instance instance, ProcessLauncher launcher, UnfinishedWork unfinished) {
    this.instance = instance;
    this.launcher = launcher;
    this.unfinished = unfinished;
  }

  /** What it is. */
  sealed interface Kind {
    /** Nothing, or nothing that must be kept: what this member itself began to make. */
    record Empty() implements Kind {}

    /** A whole data directory. */
    record Whole() implements Kind {}

    /** Neither; says what and the remedy. */
    record Unusable(String reason) implements Kind {}
  }

  Kind check() {
    Path dir = instance.dataDir();
    try {
      if (Files.exists(dir) && !Files.isDirectory(dir)) {
        return unusable("is not a directory: point data_dir at one, or move it away");
      }
      if (instance.dataDirEmpty() || unfinished.making().isPresent()) {
        return new Kind.Empty();
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(dir);
      if (permissions.contains(PosixFilePermission.GROUP_WRITE)
          || permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)
          || permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return unusable("is open to others, which PostgreSQL refuses: chmod 0700 " + dir);
      }
      if (!Files.isReadable(dir) || !Files.isWritable(dir)) {
        return unusable("belongs to another user: chown it to the user that runs this agent");
      }
      String major = DurableFiles.readOrEmpty(dir.resolve("PG_VERSION")).strip();
      if (!major.matches("[0-9]{1,4}")) {
        return unusable(
            "holds files but is no PostgreSQL data directory (or an initdb that was cut off):"
                + " move them away, or point data_dir elsewhere");
      }
      Optional<String> programs = programMajor();
      if (programs.isPresent() && !programs.get().equals(major)) {
        return unusable(
            "was made by PostgreSQL "
                + major
                + ", but postgresql.bin_dir has "
                + programs.get()
                + ": point bin_dir at PostgreSQL "
                + major
                + "'s, or upgrade the directory with pg_upgrade");
      }
      if (Integer.parseInt(major) < OLDEST) {
        return unusable(
            "was made by PostgreSQL " + major + "; Quorate needs " + OLDEST + " or later");
      }
      if (!Files.exists(dir.resolve("global/pg_control"))) {
        return unusable(
            "has no global/pg_control (a copy or an initdb that was cut off): move it away to have"
                + " it cloned anew");
      }
      return new Kind.Whole();
    } catch (AccessDeniedException e) {
      return unusable(
          "cannot be read (" + e.getMessage() + "): chown it to the user that runs this agent");
    } catch (IOException e) {
      return unusable("cannot be read: " + e);
    }
  }

  private Kind unusable(String what) {
    return new Kind.Unusable("postgresql.data_dir " + instance.dataDir() + " " + what);
  }

  /** Major version of the programs, found out once; empty where they do not run. */
  private Optional<String> programMajor() {
    String known = programMajor;
    if (known == null) {
      ProcessLauncher.Finished answer =
          launcher.ask(List.of(instance.program("postgres"), "-V"), Duration.ofSeconds(10));
      Matcher matcher = MAJOR.matcher(answer.output());
      if (!answer.ok() || !matcher.find()) {
        return Optional.empty();
      }
      known = matcher.group(1);
      programMajor = known;
    }
    return Optional.ofNullable(known);
  }
}
