package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Members of one store in this process: real Raft servers, member services in memory. */
final class TestCluster implements AutoCloseable {
  private static final RaftStoreConfig.Timing TIMING =
      RaftStoreConfig.Timing.LAN.withElection(Duration.ofMillis(300), Duration.ofMillis(600));

  private final Path dir;
  private final SystemTime time = SystemTime.start();
  private final MemoryNet net = new MemoryNet();
  private final List<RaftStoreConfig.Member> members = new ArrayList<>();
  private final Map<String, RaftStore> running = new TreeMap<>();
  private final Map<String, RaftStoreConfig.Member> beside = new TreeMap<>();
  private UnaryOperator<RaftStoreConfig> variation = config -> config;

  /** Members db1, db2 and so on, none of them running. */
  TestCluster(Path dir, int size) {
    this.dir = dir;
    for (int i = 1; i <= size; i++) {
      members.add(new RaftStoreConfig.Member("db" + i, TestPorts.free(), TestPorts.free()));
    }
  }

  /** Settings that differ from the usual, for members opened from now on. */
  TestCluster with(UnaryOperator<RaftStoreConfig> change) {
    variation = change;
    return this;
  }

  /** Opens all, and waits until each is a voter and knows the leader. */
  TestCluster start() {
    members.forEach(member -> open(member.name()));
    awaitVoters(members.size());
    return this;
  }

  void awaitVoters(int count) {
    Await.until(
        () -> count + " voters with a leader, but " + statuses(),
        () ->
            running.size() >= count
                && running.values().stream()
                    .map(RaftStore::status)
                    .allMatch(status ->
                        status.voters().size() == count
                            && status.leader().isPresent()
                            && status.problem().isEmpty())
                && running.values().stream().anyMatch(store -> store.status().leading()));
  }

  private String statuses() {
    StringBuilder text = new StringBuilder();
    running.forEach(
        (name, store) -> text.append('\n').append(name).append(": ").append(store.status()));
    return text.toString();
  }

  RaftStoreConfig config(String name) {
    return variation.apply(
        RaftStoreConfig.of(name, dir.resolve(name).resolve("raft"), members).withTiming(TIMING));
  }

  RaftStore open(String name) {
    try {
      return tryOpen(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RaftStore tryOpen(String name) throws IOException {
    RaftStoreConfig config = config(name);
    Files.createDirectories(dir.resolve(name));
    String address = config.self().memberAddress().toString();
    RaftStore store = RaftStore.open(config, net.link(address), time, time);
    net.attach(address, store.endpoint());
    running.put(name, store);
    return store;
  }

  /** Opens a member that the others do not list. */
  RaftStore openBeside(String name) {
    HostPort listen = TestPorts.free();
    return openBeside(name, listen, listen);
  }

  /** Opens a member that the others do not list, reached over {@code relay}. */
  RaftStore openBeside(String name, NarrowRelay relay) {
    return openBeside(name, relay.address(), relay.target());
  }

  private RaftStore openBeside(String name, HostPort reached, HostPort listen) {
    RaftStoreConfig.Member entry = new RaftStoreConfig.Member(name, reached, TestPorts.free());
    beside.put(name, entry);
    List<RaftStoreConfig.Member> all = new ArrayList<>(members);
    all.add(entry);
    RaftStoreConfig config =
        variation
            .apply(
                RaftStoreConfig.of(name, dir.resolve(name).resolve("raft"), all).withTiming(TIMING))
            .withListen(listen);
    try {
      Files.createDirectories(dir.resolve(name));
      String address = entry.memberAddress().toString();
      RaftStore store = RaftStore.open(config, net.link(address), time, time);
      net.attach(address, store.endpoint());
      running.put(name, store);
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes it away without a word. */
  void cutOffBeside(String name) {
    RaftStore store = store(name);
    running.remove(name);
    net.detach(entry(name).memberAddress().toString());
    store.kill();
  }

  /** The entry of a member that was opened so. */
  RaftStoreConfig.Member entry(String name) {
    return Optional.ofNullable(beside.get(name)).orElseThrow();
  }

  /** Closes a member as a whole. */
  void close(String name) {
    RaftStore store = running.remove(name);
    if (store != null) {
      net.detach(memberAddress(name));
      store.close();
    }
  }

  /**
   * Takes a member away from the others without a word: its Raft server closes without handing over
   * leadership, its member service is gone.
   */
  void cutOff(String name) {
    RaftStore store = store(name);
    running.remove(name);
    net.detach(memberAddress(name));
    store.kill();
  }

  MemoryNet net() {
    return net;
  }

  SystemTime time() {
    return time;
  }

  String memberAddress(String name) {
    return config(name).self().memberAddress().toString();
  }

  RaftStore store(String name) {
    return Optional.ofNullable(running.get(name)).orElseThrow();
  }

  /** All that run. */
  Map<String, RaftStore> stores() {
    return running;
  }

  /** The leader's name, once there is one. */
  String leader() {
    Await.until(() -> "a leader, but " + statuses(), () -> leaderNow().isPresent());
    return leaderNow().orElseThrow();
  }

  Optional<String> leaderNow() {
    return running.entrySet().stream()
        .filter(entry -> entry.getValue().status().leading())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** One that does not lead. */
  String follower() {
    String leader = leader();
    return running.keySet().stream().filter(name -> !name.equals(leader)).findFirst().orElseThrow();
  }

  static TxnResult put(Store store, String key, String value) {
    Outcome<TxnResult> outcome =
        Await.value(
            store.txn(Txn.of(Op.put(Bytes.utf8(key), Bytes.utf8(value))), Principal.MEMBER));
    assertThat(outcome).as("put of %s", key).isInstanceOf(Outcome.Done.class);
    return done(outcome);
  }

  static Optional<String> get(Store store, String key, ReadMode mode) {
    OpResult.Range range = done(Await.value(store.range(RangeQuery.key(Bytes.utf8(key)), mode)));
    return range.keys().stream().findFirst().map(KeyValue::value).map(Bytes::toUtf8);
  }

  static Optional<String> get(Store store, String key) {
    return get(store, key, ReadMode.LINEARIZABLE);
  }

  static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.NotDone<T> refused -> throw new AssertionError(refused.toString());
      case Outcome.Unknown<T> unknown -> throw new AssertionError(unknown.toString());
    };
  }

  static Revision revision(long value) {
    return new Revision(value);
  }

  @Override
  public void close() {
    // All at once, and without a thought for who leads next.
    List<Thread> closing =
        running.values().stream().map(store -> Thread.ofPlatform().start(store::kill)).toList();
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    net.close();
    time.close();
  }
}
