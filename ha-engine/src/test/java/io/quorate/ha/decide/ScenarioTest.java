package io.quorate.ha.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Golden decisions. {@code -Dquorate.scenarios=rewrite} writes what is decided now into the files,
 * to be read as a diff; never where {@code CI=true}.
 */
class ScenarioTest {

  private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");
  private static final String REWRITE = "quorate.scenarios";

  @TestFactory
  Stream<DynamicTest> goldenDecisions() throws IOException {
    return files().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  @Test
  void nothingIsRewrittenInContinuousIntegration() {
    assertThat(rewriting("rewrite", "true")).isFalse();
    assertThat(rewriting("rewrite", null)).isTrue();
    assertThat(rewriting(null, null)).isFalse();
  }

  @Test
  void everySituationAndEveryReasonHasAFile() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : files()) {
      all.append(Files.readString(file));
    }
    List<String> missing =
        Stream.concat(
                Stream.of(Decision.Code.values()).map(code -> ", " + code + ","),
                Stream.of(Situation.class.getPermittedSubclasses())
                    .map(kind -> "> " + spoken(kind) + ", "))
            .filter(part -> !all.toString().contains(part))
            .toList();
    assertThat(missing).as("situations and reason codes that no scenario shows").isEmpty();
  }

  private static String spoken(Class<?> situation) {
    return situation
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(java.util.Locale.ROOT);
  }

  private static void check(Path file) throws IOException {
    String text = Files.readString(file);
    String golden = Scenario.golden(text);
    if (rewriting(System.getProperty(REWRITE), System.getenv("CI"))) {
      Files.writeString(file, golden);
    } else {
      assertThat(golden).as(file + " (-D" + REWRITE + "=rewrite)").isEqualTo(text);
    }
  }

  private static boolean rewriting(
      @org.jspecify.annotations.Nullable String property,
      @org.jspecify.annotations.Nullable String ci) {
    return "rewrite".equals(property) && !"true".equals(ci);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> found = Files.list(DIRECTORY)) {
      return found.filter(file -> file.toString().endsWith(".scenario")).sorted().toList();
    }
  }
}
