package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script as bash runs it. */
final class CompletionTest {

  @TempDir private Path directory;
  private Path script;

  @BeforeEach
  void print() throws Exception {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    assertThat(Main.run(new String[] {"completion", "bash"}, writer, writer)).isZero();
    script = Files.writeString(directory.resolve("completion"), out.toString());
  }

  /**
   * What bash would offer for the last of {@code words}; outside a terminal, as Tab does inside.
   */
  private List<String> offered(String... words) throws Exception {
    String line = "'" + String.join("' '", words) + "'";
    String program =
        """
        compopt() { :; }
        source %s
        COMP_WORDS=(quorate %s)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        $(complete -p quorate | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        ((${#COMPREPLY[@]} == 0)) || printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, line);
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", program).redirectErrorStream(true).start();
    bash.getOutputStream().close();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    return said.lines().map(String::strip).toList();
  }

  @Test
  void completesVerbsOptionsAndWords() throws Exception {
    assertThat(offered("")).containsExactlyInAnyOrderElementsOf(Main.VERBS);
    assertThat(offered("re")).containsExactlyInAnyOrder("resume", "restart", "reload", "reinit");
    assertThat(offered("restart", "--pe")).containsExactly("--pending");
    assertThat(offered("restart", "--s")).containsExactly("--scheduled");
    assertThat(offered("switchover", "--c"))
        .containsExactlyInAnyOrder("--config", "--cacert", "--cert", "--candidate");
    assertThat(offered("list", "-f", ""))
        .containsExactlyInAnyOrder("pretty", "json", "yaml", "yml", "tsv");
    assertThat(offered("flush", ""))
        .containsExactlyInAnyOrder("switchover", "restart", "reload", "reinit");
    assertThat(offered("completion", "")).containsExactlyInAnyOrder("bash", "zsh");
    assertThat(offered("member", "re"))
        .containsExactlyInAnyOrder("recover-majority", "remove", "replace");
  }

  @Test
  void zshIsReadyForIt() {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    assertThat(Main.run(new String[] {"completion", "zsh"}, writer, writer)).isZero();
    assertThat(out.toString())
        .startsWith("autoload -Uz compinit && compinit\n")
        .contains("bashcompinit");
  }
}
