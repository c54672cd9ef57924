package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the time of a switchover went, as both agents say in their logs. */
final class SwitchoverSteps {

  private static final Pattern HANDED =
      Pattern.compile("handed over: checkpoint (\\d+) ms, stop (\\d+) ms, end of WAL (\\d+) ms");

  private final RealNode old;
  private final RealNode candidate;
  private final long oldFrom;
  private final long candidateFrom;

  /** From now on. */
  SwitchoverSteps(RealNode old, RealNode candidate) {
    this.old = old;
    this.candidate = candidate;
    this.oldFrom = old.log().toFile().length();
    this.candidateFrom = candidate.log().toFile().length();
  }

  /** Milliseconds of each step, in their order; those that were not logged are left out. */
  Map<String, Long> measured() {
    List<String> before = lines(old, oldFrom);
    List<String> after = lines(candidate, candidateFrom);
    Map<String, Long> steps = new LinkedHashMap<>();
    for (String line : before) {
      Matcher handed = HANDED.matcher(line);
      if (handed.find()) {
        steps.put("checkpoint (before)", Long.parseLong(handed.group(1)));
        steps.put("stop", Long.parseLong(handed.group(2)));
        steps.put("end of WAL", Long.parseLong(handed.group(3)));
      }
    }
    Optional<Instant> handed = at(before, "name=\"hand over\"");
    Optional<Instant> told = at(after, "seeing that all up to", "stopping to receive, to take");
    Optional<Instant> caughtUp = at(after, "\"taking over from");
    Optional<Instant> taken = at(after, "\"taken\"");
    Optional<Instant> promoting = at(after, "\"promoting to timeline");
    Optional<Instant> promoted = at(after, "name=\"promote\"");
    put(steps, "tell", handed, told);
    put(steps, "catch up", told, caughtUp);
    put(steps, "acquire", caughtUp, taken);
    put(steps, "note, guardian", taken, promoting);
    put(steps, "promote", promoting, promoted);
    return steps;
  }

  private static void put(
      Map<String, Long> steps, String name, Optional<Instant> from, Optional<Instant> to) {
    if (from.isPresent() && to.isPresent()) {
      steps.put(name, Duration.between(from.get(), to.get()).toMillis());
    }
  }

  private static Optional<Instant> at(List<String> lines, String... texts) {
    return lines.stream()
        .filter(line -> List.of(texts).stream().anyMatch(line::contains))
        .findFirst()
        .map(line -> Instant.parse(line.substring(0, line.indexOf(' '))));
  }

  private static List<String> lines(RealNode node, long from) {
    try (RandomAccessFile file = new RandomAccessFile(node.log().toFile(), "r")) {
      byte[] bytes = new byte[Math.toIntExact(file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one in the middle of the values of {@code name}. */
  static OptionalLong median(List<Map<String, Long>> runs, String name) {
    long[] values =
        runs.stream()
            .filter(run -> run.containsKey(name))
            .mapToLong(r -> r.get(name))
            .sorted()
            .toArray();
    return values.length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(values[(values.length - 1) / 2]);
  }
}
