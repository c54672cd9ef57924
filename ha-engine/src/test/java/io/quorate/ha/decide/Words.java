package io.quorate.ha.decide;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.TimelineId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of one line, taken one after another; text with spaces stands in quotes. */
final class Words {

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
  private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s)");

  private final String line;
  private final Deque<String> left = new ArrayDeque<>();

  Words(String line) {
    this.line = line;
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      left.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
  }

  boolean more() {
    return !left.isEmpty();
  }

  String next() {
    if (left.isEmpty()) {
      throw new IllegalArgumentException("a word is missing: " + line);
    }
    return left.removeFirst();
  }

  /** Takes the next word if it is {@code word}. */
  boolean skip(String word) {
    if (word.equals(left.peekFirst())) {
      left.removeFirst();
      return true;
    }
    return false;
  }

  void expect(String word) {
    if (!skip(word)) {
      throw new IllegalArgumentException("expected '" + word + "': " + line);
    }
  }

  void end() {
    if (more()) {
      throw new IllegalArgumentException(
          "not understood from '" + left.peekFirst() + "' on: " + line);
    }
  }

  IllegalArgumentException unknown(String word) {
    return new IllegalArgumentException("'" + word + "' is not understood: " + line);
  }

  int number() {
    return Integer.parseInt(next());
  }

  Epoch epoch() {
    return new Epoch(Long.parseLong(next()));
  }

  TimelineId timeline() {
    return new TimelineId(number());
  }

  MemberName member() {
    return new MemberName(next());
  }

  DataId dataId() {
    return Facts.dataId(next());
  }

  /** A data id, or {@code none}. */
  Optional<DataId> optionalDataId() {
    return skip("none") ? Optional.empty() : Optional.of(dataId());
  }

  Lsn lsn() {
    return Lsn.parse(next());
  }

  /** {@code 0/3000000 on 1}. */
  EndOfWal endOfWal() {
    Lsn lsn = lsn();
    expect("on");
    return new EndOfWal(timeline(), lsn);
  }

  boolean flag() {
    String word = next();
    return switch (word) {
      case "on", "yes" -> true;
      case "off", "no" -> false;
      default -> throw unknown(word);
    };
  }

  Duration duration() {
    String word = next();
    Matcher matcher = DURATION.matcher(word);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration: '" + word + "' in: " + line);
    }
    long amount = Long.parseLong(matcher.group(1));
    return matcher.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
  }
}
