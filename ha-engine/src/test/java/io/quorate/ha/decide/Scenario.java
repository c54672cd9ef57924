package io.quorate.ha.decide;

import java.util.ArrayList;
import java.util.List;

/**
 * A golden file: steps, each some facts that changed and what is decided then.
 *
 * <pre>
 * # comment
 * step what happens
 *   leader none
 * > no primary, STOPPING_TO_RECEIVE, again in 2000 ms
 * > "the leader key is gone: ..."
 * > do stop receiving: named 10
 * </pre>
 *
 * Facts stay as they are from step to step, and begin with the quiet case of {@link Facts}. The
 * line {@code done} says that all that was decided in the step before went well.
 */
final class Scenario {

  private Scenario() {}

  /** The same text with the golden lines as they are now. */
  static String golden(String text) {
    List<String> out = new ArrayList<>();
    List<String> step = new ArrayList<>();
    Facts facts = new Facts();
    List<Action> decided = List.of();
    boolean inStep = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith("> ")) {
        continue;
      }
      if (line.startsWith("step ")) {
        if (inStep) {
          decided = close(facts, decided, step, out);
        }
        inStep = true;
        step.clear();
      }
      if (inStep) {
        step.add(line);
      } else {
        out.add(line);
      }
    }
    if (!inStep) {
      throw new IllegalArgumentException("no step");
    }
    var _ = close(facts, decided, step, out);
    return String.join("\n", out) + "\n";
  }

  private static List<Action> close(
      Facts facts, List<Action> before, List<String> step, List<String> out) {
    List<String> trailing = new ArrayList<>();
    List<String> lines = new ArrayList<>(step);
    while (lines.getLast().isBlank() || lines.getLast().startsWith("#")) {
      trailing.addFirst(lines.removeLast());
    }
    for (String line : lines.subList(1, lines.size())) {
      if (line.strip().equals("done")) {
        before.forEach(action -> Effects.apply(facts, action));
      } else if (!line.isBlank() && !line.strip().startsWith("#")) {
        take(facts, line.strip());
      }
    }
    out.addAll(lines);
    DecisionEngine.Judgement judgement = DecisionEngine.decide(facts.observation());
    Decision decision = judgement.decision();
    out.add(
        "> %s, %s, again in %d ms"
            .formatted(
                judgement.situation().name(), decision.code(), decision.wakeAfter().toMillis()));
    out.add("> \"" + decision.reason() + "\"");
    decision.actions().forEach(a -> out.add("> do " + ActionText.of(a, facts.durable)));
    out.addAll(trailing);
    return decision.actions();
  }

  private static void take(Facts facts, String line) {
    Words words = new Words(line);
    String word = words.next();
    if (!ClusterLines.take(facts, word, words)
        && !WishLines.take(facts, word, words)
        && !LocalLines.take(facts, word, words)) {
      throw words.unknown(word);
    }
    words.end();
  }
}
