package io.quorate.ha.postgres;

import io.quorate.ha.model.Upstream;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * PostgreSQL's configuration files: {@code postgresql.conf} is Quorate's and includes what was
 * there before ({@code postgresql.base.conf}), then the settings, then the upstream.
 */
final class ConfigFiles {

  /** The file that names the upstream; replaced as a whole. */
  static final String UPSTREAM = "quorate.upstream.conf";

  private static final String HEADER =
      """
      # Written by Quorate at every start: do not edit.
      # Settings: postgresql.parameters in Quorate's configuration, or the cluster's settings.
      """;
  private static final String MAIN = "postgresql.conf";
  private static final String BASE = "postgresql.base.conf";
  private static final String AUTO = "postgresql.auto.conf";

  private final Instance instance;

  ConfigFiles(Instance instance) {
    this.instance = instance;
  }

  /** Writes postgresql.conf and, where configured, pg_hba.conf and pg_ident.conf. */
  void writeSettings(SortedMap<String, String> settings) throws IOException {
    Path base = file(BASE);
    String before = DurableFiles.readOrEmpty(file(MAIN));
    if (!Files.exists(base) && !before.isEmpty() && !before.startsWith(HEADER)) {
      // A copy, not a move: cut off in between, PostgreSQL still finds its file.
      DurableFiles.write(base, before);
    }
    StringBuilder text = new StringBuilder(HEADER);
    text.append("include_if_exists ").append(quoted(BASE)).append('\n');
    settings.forEach((name, value) -> text.append(line(name, value)));
    text.append("include ").append(quoted(UPSTREAM)).append('\n');
    if (!Files.exists(file(UPSTREAM))) {
      DurableFiles.write(file(UPSTREAM), UpstreamSetting.none().text());
    }
    writeIfOther(file(MAIN), text.toString());
    writeLines("pg_hba.conf", instance.config().pgHba());
    writeLines("pg_ident.conf", instance.config().pgIdent());
  }

  /** Writes the upstream, durably. */
  void writeUpstream(UpstreamSetting setting) throws IOException {
    writeIfOther(file(UPSTREAM), setting.text());
  }

  /** What the upstream file says. */
  Upstream upstream() {
    try {
      return UpstreamSetting.meaningOf(DurableFiles.readOrEmpty(file(UPSTREAM)));
    } catch (IOException e) {
      return new Upstream.Unknown();
    }
  }

  /**
   * Takes settings that are Quorate's out of the file that {@code ALTER SYSTEM} writes, while
   * PostgreSQL is stopped: it is read last and would win.
   */
  void purgeAuto() throws IOException {
    String text = DurableFiles.readOrEmpty(file(AUTO));
    List<String> kept = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!ownedByQuorate(line)) {
        kept.add(line);
      }
    }
    String purged = kept.isEmpty() ? "" : String.join("\n", kept) + "\n";
    if (!purged.equals(text)) {
      DurableFiles.write(file(AUTO), purged);
    }
  }

  private static boolean ownedByQuorate(String line) {
    int equals = line.indexOf('=');
    String name = (equals < 0 ? line : line.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
    return ParameterRules.owned().contains(name)
        || name.equals("restore_command")
        || name.equals("recovery_min_apply_delay");
  }

  /**
   * Checks, in the running server, that {@code setting} is what the files say: the upstream file is
   * the last to name each of its settings, and without an error. A setting found in the file of
   * {@code ALTER SYSTEM} is reset.
   *
   * @throws PostgresFailure naming the file that overrides
   */
  void verifyOnlySource(Sql sql, UpstreamSetting setting) {
    Optional<FileSetting> other = overriding(sql, setting);
    if (other.isPresent() && other.get().file().endsWith("/" + AUTO)) {
      sql.execute("ALTER SYSTEM RESET " + other.get().name());
      other = overriding(sql, setting);
    }
    if (other.isPresent()) {
      throw new PostgresFailure(
          other.get().name()
              + " is set in "
              + other.get().file()
              + " with another value than Quorate's ("
              + other.get().problem()
              + "): remove it there");
    }
  }

  private record FileSetting(String name, String value, String file, String problem) {}

  private Optional<FileSetting> overriding(Sql sql, UpstreamSetting setting) {
    List<FileSetting> last =
        sql.query(
            "SELECT DISTINCT ON (name) name, coalesce(setting, ''), coalesce(sourcefile, ''),"
                + " coalesce(error, '') FROM pg_file_settings ORDER BY name, seqno DESC",
            row -> new FileSetting(row.text(1), row.text(2), row.text(3), row.text(4)));
    Path own = file(UPSTREAM).toAbsolutePath();
    for (Map.Entry<String, String> wanted : setting.settings().entrySet()) {
      Optional<FileSetting> found =
          last.stream().filter(entry -> entry.name().equals(wanted.getKey())).findFirst();
      if (found.isEmpty()) {
        return Optional.of(
            new FileSetting(wanted.getKey(), "", own.toString(), "the file is not read"));
      }
      boolean same = found.get().value().equals(wanted.getValue());
      boolean taken = found.get().problem().isEmpty() || readAtStartOnly(found.get());
      if (!same || !taken) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** The recovery targets are: a running standby has none, whatever a reload makes of them. */
  private static boolean readAtStartOnly(FileSetting entry) {
    return entry.name().startsWith("recovery_target");
  }

  private void writeLines(String name, List<String> lines) throws IOException {
    if (!lines.isEmpty()) {
      writeIfOther(
          file(name), "# Written by Quorate: do not edit.\n" + String.join("\n", lines) + "\n");
    }
  }

  private static void writeIfOther(Path file, String text) throws IOException {
    if (!DurableFiles.readOrEmpty(file).equals(text)) {
      DurableFiles.write(file, text);
    }
  }

  private Path file(String name) {
    return instance.dataDir().resolve(name);
  }

  /** One line of a configuration file. */
  static String line(String name, String value) {
    return name + " = " + quoted(value) + "\n";
  }

  private static String quoted(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
