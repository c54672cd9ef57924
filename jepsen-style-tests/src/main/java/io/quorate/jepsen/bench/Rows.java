package io.quorate.jepsen.bench;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** All that can be measured. */
final class Rows {

  private static final ByteString VALUE = ByteString.copyFrom(new byte[256]);

  /** How many keys puts write to in turn. */
  private static final int KEYS = 1_000;

  private static final int KILLS = 3;
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private Rows() {}

  /** In the order in which they are measured. */
  static List<Row> all() {
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("rss-idle", false, Rows::resident));
    rows.add(new Row("cpu-idle", false, Rows::idleCpu));
    for (int clients : new int[] {1, 16, 128}) {
      rows.add(new Row("put-" + clients, true, leader(clients, Rows::puts)));
    }
    rows.add(new Row("put-all-128", true, everywhere(128, Rows::puts)));
    for (int clients : new int[] {1, 16, 128}) {
      rows.add(new Row("get-" + clients, true, leader(clients, Rows::gets)));
    }
    rows.add(new Row("get-all-128", true, everywhere(128, Rows::gets)));
    for (int clients : new int[] {1, 128}) {
      rows.add(new Row("cost-put-" + clients, true, cost(clients, Rows::puts)));
      rows.add(new Row("cost-get-" + clients, true, cost(clients, Rows::gets)));
    }
    rows.add(new Row("local-get-16", true, leader(16, Rows::localGets)));
    rows.add(new Row("renew-16", true, target -> new Renewals(16, 1_000).measure(target)));
    for (int watchers : new int[] {1, 100, 1_000}) {
      rows.add(new Row("watch-" + watchers, true, target -> WatchDelay.of(watchers, target)));
    }
    rows.add(new Row("rss-load", false, Rows::resident));
    rows.add(new Row("leader-kill", true, Rows::leaderKills));
    rows.add(new Row("start", true, Rows::starts));
    return List.copyOf(rows);
  }

  private static Row.Measurement leader(
      int clients, Function<ManagedChannel, Supplier<ListenableFuture<?>>> request) {
    return target -> {
      int leader = target.clients().awaitLeader(target.group());
      return run(target, clients, List.of(target.group().ports().get(leader)), request);
    };
  }

  /** What a request at the leader costs each server; the leader comes first. */
  private static Row.Measurement cost(
      int clients, Function<ManagedChannel, Supplier<ListenableFuture<?>>> request) {
    return target -> {
      int leader = target.clients().awaitLeader(target.group());
      List<Long> pids = new ArrayList<>(target.group().pids());
      pids.addFirst(pids.remove(leader));
      List<ManagedChannel> channels =
          target.clients().connect(clients, List.of(target.group().ports().get(leader)));
      try {
        List<Costs> costs = new ArrayList<>();
        Row.Sample.Times answered =
            ClosedLoop.run(
                channels.stream().map(request).toList(),
                target.warmUp(),
                target.time(),
                () -> costs.add(Costs.of(pids)));
        return costs.getLast().since(costs.getFirst(), answered.times().getTotalCount());
      } finally {
        target.clients().disconnect(channels);
      }
    };
  }

  private static Row.Measurement everywhere(
      int clients, Function<ManagedChannel, Supplier<ListenableFuture<?>>> request) {
    return target -> run(target, clients, target.group().ports(), request);
  }

  private static Row.Sample run(
      Row.Target target,
      int clients,
      List<Integer> ports,
      Function<ManagedChannel, Supplier<ListenableFuture<?>>> request) {
    List<ManagedChannel> channels = target.clients().connect(clients, ports);
    try {
      return ClosedLoop.run(
          channels.stream().map(request).toList(), target.warmUp(), target.time());
    } finally {
      target.clients().disconnect(channels);
    }
  }

  private static Supplier<ListenableFuture<?>> puts(ManagedChannel channel) {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(channel);
    int[] next = {channel.hashCode() & 0xffff};
    return () -> {
      next[0]++;
      return stub.put(PutRequest.newBuilder().setKey(key(next[0] % KEYS)).setValue(VALUE).build());
    };
  }

  private static Supplier<ListenableFuture<?>> gets(ManagedChannel channel) {
    return gets(channel, false);
  }

  private static Supplier<ListenableFuture<?>> localGets(ManagedChannel channel) {
    return gets(channel, true);
  }

  private static Supplier<ListenableFuture<?>> gets(ManagedChannel channel, boolean serializable) {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(channel);
    int[] next = {channel.hashCode() & 0xffff};
    return () -> {
      next[0]++;
      return stub.range(
          RangeRequest.newBuilder()
              .setKey(key(next[0] % KEYS))
              .setSerializable(serializable)
              .build());
    };
  }

  static ByteString key(int number) {
    return ByteString.copyFromUtf8("bench/" + number);
  }

  private static Row.Sample resident(Row.Target target) {
    return new Row.Sample.Amounts(
        "MiB", target.group().pids().stream().map(ProcFiles::residentMib).toList());
  }

  /** The systems are all idle meanwhile. */
  private static Row.Sample idleCpu(Row.Target target) {
    LeaderKill.pause(SETTLE);
    List<Double> before = cpu(target);
    Duration time = target.time().multipliedBy(4);
    LeaderKill.pause(time);
    List<Double> after = cpu(target);
    List<Double> used = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      used.add((after.get(i) - before.get(i)) * 60_000 / time.toMillis());
    }
    return new Row.Sample.Amounts("CPU s/min", used);
  }

  private static List<Double> cpu(Row.Target target) {
    return target.group().pids().stream().map(ProcFiles::cpuSeconds).toList();
  }

  private static Row.Sample leaderKills(Row.Target target) {
    Histogram times = ClosedLoop.histogram();
    for (int i = 0; i < KILLS; i++) {
      times.recordValue(LeaderKill.once(target.clients(), target.group()) / 1000);
    }
    return new Row.Sample.Times(times, 0, 0);
  }

  /** Kill of a follower, with all that was written before in its log, to its first answer. */
  private static Row.Sample starts(Row.Target target) {
    Histogram times = ClosedLoop.histogram();
    int leader = target.clients().awaitLeader(target.group());
    for (int i = 0; i < ServerGroup.SIZE; i++) {
      if (i != leader) {
        target.group().kill(i);
        long began = System.nanoTime();
        target.group().restart(i);
        target.clients().awaitReads(target.group(), target.group().ports().get(i));
        times.recordValue((System.nanoTime() - began) / 1000);
      }
    }
    return new Row.Sample.Times(times, 0, 0);
  }
}
