package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages say is there, is there: files that they link to, settings that they name. */
final class DocsTest {

  /** Module tests run in the module's directory. */
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern PATH =
      Pattern.compile("(restapi|grpc|raft|bootstrap|postgresql|log|watchdog|ctl|tls)(\\.[a-z_]+)+");

  /** Files of PostgreSQL's and Quorate's own that look like settings. */
  private static final Set<String> FILE_ENDINGS = Set.of("conf", "log", "pid", "yml");

  private static final Map<String, KeyTable> SECTIONS =
      Map.ofEntries(
          Map.entry("", PatroniKeys.TOP),
          Map.entry("restapi", PatroniKeys.REST),
          Map.entry("grpc", PatroniKeys.GRPC),
          Map.entry("raft", PatroniKeys.RAFT),
          Map.entry("raft.members", PatroniKeys.RAFT_MEMBER),
          Map.entry("bootstrap", PatroniKeys.BOOTSTRAP),
          Map.entry("bootstrap.dcs", PatroniKeys.DCS),
          Map.entry("bootstrap.dcs.postgresql", PatroniKeys.DCS_POSTGRESQL),
          Map.entry("postgresql", PatroniKeys.POSTGRESQL),
          Map.entry("postgresql.authentication", PatroniKeys.AUTHENTICATION),
          Map.entry("ctl", PatroniKeys.CTL),
          Map.entry("tls", PatroniKeys.TLS),
          Map.entry("log", PatroniKeys.LOG),
          Map.entry("watchdog", PatroniKeys.WATCHDOG));

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  @Test
  void relativeLinksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path to = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        boolean there =
            Files.exists(to) && (hash < 0 || anchors(to).contains(target.substring(hash + 1)));
        if (!there) {
          broken.add(ROOT.relativize(page) + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  /** Of the headings, as the usual viewers make them. */
  private static List<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(heading ->
            heading
                .group(1)
                .toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9 _-]", "")
                .replace(' ', '-'))
        .toList();
  }

  @Test
  void settingsAreKnown() throws IOException {
    List<String> unknown = new ArrayList<>();
    int seen = 0;
    for (Path page : pages()) {
      for (String setting : settings(page)) {
        seen++;
        if (!known(setting)) {
          unknown.add(ROOT.relativize(page) + ": " + setting);
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(seen).as("settings found in the pages").isGreaterThan(10);
  }

  /** Paths in backticks anywhere, and whatever stands in a table's column "Setting". */
  private static List<String> settings(Path page) throws IOException {
    List<String> settings = new ArrayList<>();
    int column = -1;
    for (String line : Files.readAllLines(page)) {
      List<String> cells = List.of(line.split("\\|", -1));
      if (!line.startsWith("|")) {
        column = -1;
      } else if (column < 0) {
        column = cells.stream().map(String::strip).toList().indexOf("Setting");
      } else if (column < cells.size()) {
        CODE.matcher(cells.get(column)).results().forEach(code -> settings.add(code.group(1)));
      }
      CODE.matcher(line)
          .results()
          .map(code -> code.group(1).replaceFirst(":.*", ""))
          .filter(code -> PATH.matcher(code).matches())
          .filter(code -> !FILE_ENDINGS.contains(code.substring(code.lastIndexOf('.') + 1)))
          .forEach(settings::add);
    }
    return settings;
  }

  /** Where a section has no table, its keys are the operator's own. */
  private static boolean known(String path) {
    String section = "";
    for (String key : path.split("\\.", -1)) {
      KeyTable table = SECTIONS.get(section);
      if (table == null) {
        return true;
      }
      if (!table.knows(key)) {
        return false;
      }
      section = section.isEmpty() ? key : section + "." + key;
    }
    return true;
  }
}
