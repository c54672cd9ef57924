package io.quorate.jepsen.linear.run;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.cli.ExitStatus;
import io.quorate.rpc.member.GrpcVoterLink;
import io.quorate.rpc.member.MemberChannels;
import io.quorate.rpc.member.MemberServer;
import io.quorate.rpc.member.MemberTimings;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.raft.HostPort;
import io.quorate.store.raft.RaftStore;
import io.quorate.store.raft.RaftStoreConfig;
import io.quorate.store.raft.StoreRefusedException;
import io.quorate.time.SystemTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A member of the store in a process of its own, with the member service that agents use. It is
 * told what to do on its standard input, line by line: an id, a command, its arguments; every line
 * is answered by one that begins with its id, in whatever order they are done.
 */
public final class StoreHost {

  private static final String LOOPS = "member-";

  private StoreHost() {}

  /**
   * Arguments: own name, directory, entries between two snapshots, entries kept behind one; then
   * name, address, Raft port and member port of each member.
   */
  public static void main(String[] arguments) throws IOException {
    List<RaftStoreConfig.Member> members = new ArrayList<>();
    for (int i = 4; i < arguments.length; i += 4) {
      members.add(
          new RaftStoreConfig.Member(
              arguments[i],
              new HostPort(arguments[i + 1], Integer.parseInt(arguments[i + 2])),
              new HostPort(arguments[i + 1], Integer.parseInt(arguments[i + 3]))));
    }
    RaftStoreConfig.Timing timing = RaftStoreConfig.Timing.LAN;
    RaftStoreConfig config =
        RaftStoreConfig.of(arguments[0], Path.of(arguments[1], arguments[0], "raft"), members)
            .withTiming(timing)
            .withLog(
                new RaftStoreConfig.LogSettings(
                    Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), 2, 64 * 1024));
    SystemTime time = SystemTime.start();
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            2, Thread.ofPlatform().daemon().name(LOOPS, 1).factory(), NioIoHandler.newFactory());
    AtomicReference<Optional<RaftStore>> opened = new AtomicReference<>(Optional.empty());
    HostPort own = config.self().memberAddress();
    MemberServer.start(
        config.name(), new InetSocketAddress(own.host(), own.port()), late(opened), loops);
    MemberChannels channels =
        new MemberChannels(
            loops, MemberTimings.of(timing.electionMin(), timing.electionMax()), time);
    RaftStore store;
    try {
      store = RaftStore.open(config, new GrpcVoterLink(channels), time, time);
    } catch (StoreRefusedException e) {
      System.err.println(e);
      // As the agent ends; threads of libraries would keep the process.
      Runtime.getRuntime().halt(ExitStatus.REFUSED);
      throw e;
    }
    opened.set(Optional.of(store));
    serve(store);
    Runtime.getRuntime().halt(0);
  }

  private static VoterEndpoint late(AtomicReference<Optional<RaftStore>> opened) {
    return request ->
        opened.get().map(store -> store.endpoint().answer(request)).orElseGet(StoreHost::notYet);
  }

  private static CompletionStage<Bytes> notYet() {
    return CompletableFuture.failedFuture(new IllegalStateException("the store is not up yet"));
  }

  private static void serve(RaftStore store) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("0 ready");
    StoreCommands commands = new StoreCommands(store, out::println);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      var _ = commands.run(words).thenAccept(answer -> out.println(words[0] + " " + answer));
    }
  }
}
