package io.quorate.cli;

import io.quorate.proto.admin.v1.Config;
import io.quorate.rpc.grpc.AdminClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code quorate edit-config}. */
@Command(
    name = "edit-config",
    description = {
      "Change the dynamic configuration: with -s, -p, --apply or --replace, else in $EDITOR.",
      "Shows what would change and asks; refused if somebody else changed it meanwhile."
    },
    mixinStandardHelpOptions = true)
final class EditConfigCommand implements Callable<Integer> {

  private static final String STDIN = "-";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-s", "--set"},
      paramLabel = "KEY=VALUE",
      description =
          "Set one setting, such as 'ttl=5' or 'postgresql.use_slots=false'; null deletes.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = {"-p", "--pg"},
      paramLabel = "PARAMETER=VALUE",
      description = "Set one PostgreSQL parameter; null deletes.")
  private List<String> parameters = new ArrayList<>();

  @Option(
      names = "--apply",
      paramLabel = "FILE",
      description = "Merge a YAML file; '-' is standard input.")
  private Optional<String> applied = Optional.empty();

  @Option(
      names = "--replace",
      paramLabel = "FILE",
      description = "Take a YAML file instead of the whole; '-' is standard input.")
  private Optional<String> replacement = Optional.empty();

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not show what changes.")
  private boolean quiet;

  @Option(names = "--force", description = "Do not ask.")
  private boolean force;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Config before = cluster.ask((AdminClient client) -> client.config(cluster.timeout()));
    Map<String, @Nullable Object> tree = Yaml.mapping(before.getJson(), "config");
    String beforeText = Yaml.block(tree);
    boolean stdin =
        applied.filter(STDIN::equals).or(() -> replacement.filter(STDIN::equals)).isPresent();
    Map<String, @Nullable Object> after = isGiven() ? given(tree) : edited(beforeText);
    List<String> diff = ConfigChanges.diff(beforeText, Yaml.block(after));
    if (diff.isEmpty()) {
      out.println("Not changed");
      out.flush();
      return ExitStatus.DONE;
    }
    if (!quiet) {
      diff.forEach(out::println);
      out.println();
      out.flush();
    }
    if (stdin && !force) {
      throw new CliException.WrongUse(
          "nothing was changed: with '-' for a file nobody can be asked, so --force is needed");
    }
    if (!force) {
      new Prompt(out).confirm("Apply these changes?");
    }
    Config done =
        cluster.ask((AdminClient client) ->
            client.replaceConfig(
                MAPPER.writeValueAsString(after), before.getRevision(), cluster.timeoutOfChange()));
    out.println(done.getChanged() ? "Configuration changed" : "Not changed");
    done.getIgnoredList().forEach(ignored -> out.println("without effect: " + ignored));
    out.flush();
    return ExitStatus.DONE;
  }

  private boolean isGiven() {
    return replacement.isPresent()
        || applied.isPresent()
        || !assignments.isEmpty()
        || !parameters.isEmpty();
  }

  private Map<String, @Nullable Object> given(Map<String, @Nullable Object> tree)
      throws IOException {
    Map<String, @Nullable Object> after = tree;
    if (replacement.isPresent()) {
      String text = read(replacement.get());
      if (text.isBlank()) {
        throw new CliException(
            replacement.get() + ": is empty; to be left with no setting at all, write {} into it");
      }
      after = Yaml.mapping(text, replacement.get());
    }
    if (applied.isPresent()) {
      after = ConfigChanges.merged(after, Yaml.mapping(read(applied.get()), applied.get()));
    }
    for (String assignment : assignments) {
      after = ConfigChanges.with(after, ConfigChanges.Assignment.parse(assignment));
    }
    for (String parameter : parameters) {
      after = ConfigChanges.with(after, ConfigChanges.Assignment.parameter(parameter));
    }
    return after;
  }

  private static String read(String file) throws IOException {
    if (file.equals(STDIN)) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new CliException(file + ": there is no such readable file");
    }
    return Files.readString(path);
  }

  private Map<String, @Nullable Object> edited(String text) throws InterruptedException {
    return Yaml.mapping(Editor.of(System.getenv()).edit(text), "what was edited");
  }
}
