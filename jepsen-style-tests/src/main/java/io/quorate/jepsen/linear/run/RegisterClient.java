package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.linear.Operation.Action;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** A client that reads, writes, deletes and compares a few keys, each time through any member. */
final class RegisterClient {

  private static final int KEYS = 4;
  private static final Duration PAUSE = Duration.ofMillis(3);
  private static final long LIMIT_SECONDS = 20;

  private final StoreGroup group;
  private final Recording recording;
  private final String name;
  private final String prefix;
  private final String read;
  private final RandomGenerator random;
  private final Map<String, String> lastSeen = new HashMap<>();
  private int values;

  /**
   * A client of that name.
   *
   * @param read the command to read with, {@code get} unless something is to be wrong
   */
  RegisterClient(
      StoreGroup group,
      Recording recording,
      String name,
      String prefix,
      String read,
      RandomGenerator random) {
    this.read = read;
    this.group = group;
    this.recording = recording;
    this.name = name;
    this.prefix = prefix;
    this.random = random;
  }

  void run(BooleanSupplier goOn) {
    while (goOn.getAsBoolean()) {
      StoreMember member = group.member(group.any(random));
      if (member.alive()) {
        one(member, prefix + "k" + random.nextInt(KEYS));
      }
      StoreGroup.pause(PAUSE);
    }
  }

  private void one(StoreMember member, String key) {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> get(member, key);
      case 8, 9, 10, 11, 12 -> {
        String value = fresh();
        send(member, key, new Action.Put(value, 0), "put " + key + " " + value + " 0");
      }
      case 13 -> send(member, key, new Action.Delete(), "delete " + key);
      case 14 -> leased(member, key);
      default -> compareAndSet(member, key);
    }
  }

  private String fresh() {
    values++;
    return name + "-" + values;
  }

  private void get(StoreMember member, String key) {
    String answer = send(member, key, new Action.Get(), read + " " + key);
    if (answer.startsWith("done ")) {
      lastSeen.put(key, answer.substring("done ".length()));
    }
  }

  private void compareAndSet(StoreMember member, String key) {
    String expected = lastSeen.getOrDefault(key, StoreCommands.ABSENT);
    String value = fresh();
    String answer =
        send(
            member,
            key,
            new Action.CompareAndSet(
                expected.equals(StoreCommands.ABSENT) ? Optional.empty() : Optional.of(expected),
                value),
            "cas " + key + " " + expected + " " + value + " 0");
    if (answer.endsWith(" true")) {
      lastSeen.put(key, value);
    } else {
      lastSeen.remove(key);
    }
  }

  private void leased(StoreMember member, String key) {
    long lease = random.nextLong(1, Long.MAX_VALUE);
    if (answer(member, "grant " + lease + " " + (1_000 + random.nextInt(500))).startsWith("done")) {
      String value = fresh();
      send(member, key, new Action.Put(value, lease), "put " + key + " " + value + " " + lease);
    }
  }

  private String send(StoreMember member, String key, Action action, String command) {
    long call = System.nanoTime();
    String answer = answer(member, command);
    recording.add(name, key, action, answer, call, System.nanoTime());
    return answer;
  }

  static String answer(StoreMember member, String command) {
    try {
      return member.send(command).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return StoreMember.UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StoreMember.UNKNOWN;
    }
  }
}
