package io.quorate.ha.postgres;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What PostgreSQL has against parameters before anybody gives them to it: its program reads them
 * from the command line and ends, beside a server that runs or does not. Blocks.
 */
final class ParameterTrial {

  private static final Duration BOUND = Duration.ofSeconds(3);

  /** The parts of its words that say why, without time, process and the rest. */
  private static final Pattern SAID = Pattern.compile("(FATAL|DETAIL|HINT): +(.*)");

  private final Instance instance;
  private final ProcessLauncher launcher;

  ParameterTrial(Instance instance, ProcessLauncher launcher) {
    this.instance = instance;
    this.launcher = launcher;
  }

  /**
   * Every objection to one of {@code wanted}, with the parameter's name. Empty too where PostgreSQL
   * cannot be asked: there is no directory yet, or it does not like what stands there.
   */
  List<String> objections(Map<String, String> wanted) {
    Map<String, String> tried = new TreeMap<>(wanted);
    tried.keySet().removeAll(ParameterRules.owned());
    List<String> objections = new ArrayList<>();
    tried.forEach((name, value) ->
        ParameterRules.objection(name, value).ifPresent(why -> objections.add(name + ": " + why)));
    if (tried.isEmpty() || ask(tried).ok() || !ask(Map.of()).ok()) {
      return objections;
    }
    tried.forEach((name, value) -> {
      ProcessLauncher.Finished alone = ask(Map.of(name, value));
      boolean said = objections.stream().anyMatch(line -> line.startsWith(name + ": "));
      if (!alone.ok() && !said) {
        objections.add(
            name + ": PostgreSQL of " + instance.config().name() + " says: " + why(alone.output()));
      }
    });
    return objections;
  }

  private ProcessLauncher.Finished ask(Map<String, String> parameters) {
    List<String> command =
        new ArrayList<>(
            List.of(
                instance.program("postgres"),
                "-D",
                instance.dataDir().toString(),
                "-C",
                "config_file"));
    parameters.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return launcher.ask(command, BOUND);
  }

  private static String why(String output) {
    List<String> said =
        output
            .lines()
            .map(SAID::matcher)
            .filter(Matcher::find)
            .map(words -> words.group(2).strip())
            .toList();
    return said.isEmpty() ? LogTail.last(output, 2) : String.join(" ", said);
  }
}
