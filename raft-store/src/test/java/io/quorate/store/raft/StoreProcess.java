package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.time.SystemTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A member in a process of its own, told what to do line by line: an id, a command, its arguments.
 * Every line is answered by one that begins with its id, in whatever order they are done.
 */
final class StoreProcess {
  private StoreProcess() {}

  /** Arguments: own name, directory, then name, Raft port and member port of each member. */
  public static void main(String[] args) throws IOException {
    List<RaftStoreConfig.Member> members = new ArrayList<>();
    for (int i = 2; i < args.length; i += 3) {
      members.add(
          new RaftStoreConfig.Member(
              args[i],
              new HostPort("127.0.0.1", Integer.parseInt(args[i + 1])),
              new HostPort("127.0.0.1", Integer.parseInt(args[i + 2]))));
    }
    RaftStoreConfig config =
        RaftStoreConfig.of(args[0], Path.of(args[1], args[0], "raft"), members)
            .withTiming(
                RaftStoreConfig.Timing.LAN.withElection(
                    Duration.ofMillis(300), Duration.ofMillis(600)));
    SystemTime time = SystemTime.start();
    SocketNet net = new SocketNet();
    RaftStore store = RaftStore.open(config, net, time, time);
    net.serve(config.self().memberAddress().port(), store.endpoint());
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("0 ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      var _ = run(store, words).thenAccept(answer -> out.println(words[0] + " " + answer));
    }
    store.kill();
    time.close();
  }

  private static CompletionStage<String> run(RaftStore store, String[] words) {
    Bytes key = Bytes.utf8(words.length > 2 ? words[2] : "");
    return switch (words[1]) {
      case "put" ->
          store
              .txn(Txn.of(Op.put(key, Bytes.utf8(words[3]))), Principal.MEMBER)
              .thenApply(StoreProcess::text);
      case "hold" ->
          store
              .txn(Txn.of(Op.put(key, Bytes.EMPTY, lease(words[3]))), Principal.MEMBER)
              .thenApply(StoreProcess::text);
      case "get" ->
          store.range(RangeQuery.key(key), ReadMode.LINEARIZABLE).thenApply(StoreProcess::value);
      case "local" ->
          store.range(RangeQuery.key(key), ReadMode.SERIALIZABLE).thenApply(StoreProcess::value);
      case "problem" -> CompletableFuture.completedStage(store.status().problem().orElse("none"));
      case "grant" ->
          store
              .grantLease(
                  lease(words[2]), Duration.ofMillis(Long.parseLong(words[3])), Principal.MEMBER)
              .thenApply(StoreProcess::kind);
      case "renew" ->
          store
              .renewHold(key, new Revision(Long.parseLong(words[3])))
              .thenApply(renewal -> renewal.getClass().getSimpleName());
      case "leads" -> CompletableFuture.completedStage(Boolean.toString(store.status().leading()));
      case "voters" ->
          CompletableFuture.completedStage(Integer.toString(store.status().voters().size()));
      default -> throw new IllegalArgumentException(String.join(" ", words));
    };
  }

  private static LeaseId lease(String word) {
    return new LeaseId(Long.parseLong(word));
  }

  private static String text(Outcome<TxnResult> outcome) {
    return outcome instanceof Outcome.Done<TxnResult>(TxnResult result)
        ? "Done " + result.revision()
        : outcome.toString();
  }

  private static String value(Outcome<OpResult.Range> outcome) {
    return outcome instanceof Outcome.Done<OpResult.Range>(OpResult.Range range)
        ? "Done "
            + range.keys().stream()
                .findFirst()
                .map(KeyValue::value)
                .map(Bytes::toUtf8)
                .orElse("nothing")
        : outcome.toString();
  }

  private static String kind(Outcome<?> outcome) {
    return outcome.getClass().getSimpleName();
  }
}
