package io.quorate.rpc.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.quorate.proto.admin.v1.AdminGrpc;
import io.quorate.proto.admin.v1.CancelRequest;
import io.quorate.proto.admin.v1.ChangeMemberRequest;
import io.quorate.proto.admin.v1.ChangeMemberResponse;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Config;
import io.quorate.proto.admin.v1.EditConfigRequest;
import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.proto.admin.v1.FailoverRequest;
import io.quorate.proto.admin.v1.GetConfigRequest;
import io.quorate.proto.admin.v1.GetHistoryRequest;
import io.quorate.proto.admin.v1.GetMembersRequest;
import io.quorate.proto.admin.v1.GetStatusRequest;
import io.quorate.proto.admin.v1.History;
import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.proto.admin.v1.MemberTable;
import io.quorate.proto.admin.v1.MembershipAdminGrpc;
import io.quorate.proto.admin.v1.MoveLeaderRequest;
import io.quorate.proto.admin.v1.MoveLeaderResponse;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.PauseRequest;
import io.quorate.proto.admin.v1.PauseResponse;
import io.quorate.proto.admin.v1.ReinitializeRequest;
import io.quorate.proto.admin.v1.ReloadRequest;
import io.quorate.proto.admin.v1.RestartRequest;
import io.quorate.proto.admin.v1.ResumeRequest;
import io.quorate.proto.admin.v1.ResumeResponse;
import io.quorate.proto.admin.v1.StopClusterRequest;
import io.quorate.proto.admin.v1.StopClusterResponse;
import io.quorate.proto.admin.v1.SwitchoverRequest;
import io.quorate.proto.admin.v1.WatchJournalRequest;
import io.quorate.proto.admin.v1.WatchOperationRequest;
import io.quorate.proto.admin.v1.WatchStatusRequest;
import io.quorate.rpc.member.EndedChannels;
import io.quorate.rpc.tls.ClientTls;
import io.quorate.rpc.tls.TlsException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks one member's admin service. Nothing blocks; stages and listeners run on network threads. */
public final class AdminClient implements AutoCloseable {

  private static final int CONNECT_TIMEOUT_MS = 1_000;
  private static final int CLOSE_TIMEOUT_MS = 100;

  private final String address;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ManagedChannel channel;

  /** As whom to ask, and whom to trust; the same for all members of a cluster. */
  public static final class Access {

    private final Optional<String> authorization;
    private final ChannelCredentials credentials;

    private Access(Optional<String> authorization, ChannelCredentials credentials) {
      this.authorization = authorization;
      this.credentials = credentials;
    }

    /** Without TLS; {@code authorization} as below. */
    static Access plain(Optional<String> authorization) {
      return new Access(authorization, InsecureChannelCredentials.create());
    }

    /**
     * Reads what {@code tls} names.
     *
     * @param authorization what to show for changes, as an {@code Authorization} header
     * @throws TlsException naming setting, file and remedy
     */
    public static Access of(Optional<String> authorization, ClientTls tls, InstantSource clock)
        throws TlsException {
      return new Access(authorization, tls.credentials(clock));
    }
  }

  /**
   * Lets the network's library say what it has to say as Java's own does, for a program that is
   * nothing but a client: setting up the log takes longer than most of what it asks.
   */
  public static void logAsJavaDoes() {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
  }

  /**
   * A client that only looks, in plain text, for the gRPC port at {@code address}, {@code
   * host:port}.
   */
  public AdminClient(String address) {
    this(address, Access.plain(Optional.empty()));
  }

  /**
   * A client.
   *
   * @param access as whom to ask
   */
  public AdminClient(String address, Access access) {
    Metadata shown = new Metadata();
    access.authorization.ifPresent(value -> shown.put(AccessInterceptor.AUTHORIZATION, value));
    this.address = address;
    this.channel =
        NettyChannelBuilder.forTarget("dns:///" + address, access.credentials)
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .directExecutor()
            .disableRetry()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(shown))
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
            .build();
  }

  /** The address asked. */
  public String address() {
    return address;
  }

  private AdminGrpc.AdminStub stub(Duration timeout) {
    return AdminGrpc.newStub(channel).withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The cluster as that member sees it; completes exceptionally with {@link Refused}. */
  public CompletionStage<ClusterStatus> status(Duration timeout) {
    return status(GetStatusRequest.getDefaultInstance(), timeout);
  }

  /** The cluster as the store has it now, as far as the node can reach it; else as above. */
  public CompletionStage<ClusterStatus> currentStatus(Duration timeout) {
    return status(GetStatusRequest.newBuilder().setCurrent(true).build(), timeout);
  }

  private CompletionStage<ClusterStatus> status(GetStatusRequest request, Duration timeout) {
    Answer<ClusterStatus> answer = new Answer<>();
    stub(timeout).getStatus(request, answer);
    return answer.stage;
  }

  /** The dynamic configuration; completes exceptionally with {@link Refused}. */
  public CompletionStage<Config> config(Duration timeout) {
    Answer<Config> answer = new Answer<>();
    stub(timeout).getConfig(GetConfigRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /**
   * Replaces the dynamic configuration; completes exceptionally with {@link Refused}.
   *
   * @param madeFrom the revision that the change was made from; 0: whatever stands
   */
  public CompletionStage<Config> replaceConfig(String json, long madeFrom, Duration timeout) {
    Answer<Config> answer = new Answer<>();
    stub(timeout)
        .editConfig(
            EditConfigRequest.newBuilder().setReplace(json).setIfRevision(madeFrom).build(),
            answer);
    return answer.stage;
  }

  /** Changes of timeline; completes exceptionally with {@link Refused}. */
  public CompletionStage<History> history(Duration timeout) {
    Answer<History> answer = new Answer<>();
    stub(timeout).getHistory(GetHistoryRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /** The store's voters; completes exceptionally with {@link Refused}. */
  public CompletionStage<MemberTable> members(Duration timeout) {
    Answer<MemberTable> answer = new Answer<>();
    membership(timeout).getMembers(GetMembersRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /** Begins a change of the store's voters, or asks how far it has come; as above. */
  public CompletionStage<ChangeMemberResponse> changeMember(
      ChangeMemberRequest change, Duration timeout) {
    Answer<ChangeMemberResponse> answer = new Answer<>();
    membership(timeout).changeMember(change, answer);
    return answer.stage;
  }

  /** Moves the store's leadership; completes exceptionally with {@link Refused}. */
  public CompletionStage<MoveLeaderResponse> moveLeader(String name, Duration timeout) {
    Answer<MoveLeaderResponse> answer = new Answer<>();
    membership(timeout).moveLeader(MoveLeaderRequest.newBuilder().setName(name).build(), answer);
    return answer.stage;
  }

  private MembershipAdminGrpc.MembershipAdminStub membership(Duration timeout) {
    return MembershipAdminGrpc.newStub(channel)
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Asks the whole cluster to stop; completes exceptionally with {@link Refused}. */
  public CompletionStage<StopClusterResponse> stopCluster(Duration timeout) {
    Answer<StopClusterResponse> answer = new Answer<>();
    stub(timeout).stopCluster(StopClusterRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /** Asks for a switchover; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> switchover(SwitchoverRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).switchover(request, answer);
    return answer.stage;
  }

  /** Asks for a failover; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> failover(FailoverRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).failover(request, answer);
    return answer.stage;
  }

  /** Asks for a restart; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> restart(RestartRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).restart(request, answer);
    return answer.stage;
  }

  /** Asks for a reload; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> reload(ReloadRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).reload(request, answer);
    return answer.stage;
  }

  /** Asks for a new copy of a member's data; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> reinitialize(ReinitializeRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).reinitialize(request, answer);
    return answer.stage;
  }

  /** Takes a wish back; completes exceptionally with {@link Refused}. */
  public CompletionStage<Operation> cancel(CancelRequest request, Duration timeout) {
    Answer<Operation> answer = new Answer<>();
    stub(timeout).cancel(request, answer);
    return answer.stage;
  }

  /** Pauses the cluster; completes exceptionally with {@link Refused}. */
  public CompletionStage<PauseResponse> pause(Duration timeout) {
    Answer<PauseResponse> answer = new Answer<>();
    stub(timeout).pause(PauseRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /** Ends the pause; completes exceptionally with {@link Refused}. */
  public CompletionStage<ResumeResponse> resume(Duration timeout) {
    Answer<ResumeResponse> answer = new Answer<>();
    stub(timeout).resume(ResumeRequest.getDefaultInstance(), answer);
    return answer.stage;
  }

  /** Why things are as they are; completes exceptionally with {@link Refused}. */
  public CompletionStage<Explanation> explain(ExplainRequest request, Duration timeout) {
    Answer<Explanation> answer = new Answer<>();
    stub(timeout).explain(request, answer);
    return answer.stage;
  }

  /**
   * Follows one wish until it is finished or the stream ends otherwise, then calls {@code ended}
   * with the reason, once.
   */
  public void watchOperation(
      WatchOperationRequest request, Consumer<Operation> listener, Consumer<String> ended) {
    channel.resetConnectBackoff();
    AdminGrpc.newStub(channel).watchOperation(request, following(listener, ended));
  }

  /** Follows the journal until the stream ends, then calls {@code ended} with the reason, once. */
  public void watchJournal(
      boolean newOnly, Consumer<JournalEntry> listener, Consumer<String> ended) {
    channel.resetConnectBackoff();
    AdminGrpc.newStub(channel)
        .watchJournal(
            WatchJournalRequest.newBuilder().setNewOnly(newOnly).build(),
            following(listener, ended));
  }

  /**
   * Follows the member's status until the stream ends, then calls {@code ended} with the reason,
   * once.
   */
  public void watch(Consumer<ClusterStatus> listener, Consumer<String> ended) {
    channel.resetConnectBackoff();
    AdminGrpc.newStub(channel)
        .watchStatus(WatchStatusRequest.getDefaultInstance(), following(listener, ended));
  }

  private static <T> StreamObserver<T> following(Consumer<T> listener, Consumer<String> ended) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        listener.accept(value);
      }

      @Override
      public void onError(Throwable failure) {
        ended.accept(Causes.status(failure));
      }

      @Override
      public void onCompleted() {
        ended.accept("the member ended the stream");
      }
    };
  }

  @Override
  public void close() {
    EndedChannels.await(List.of(channel.shutdownNow()));
    var _ =
        loop.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(CLOSE_TIMEOUT_MS);
  }

  /** Why a member did not do what it was asked, for people. */
  public static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean reached;
    private final boolean late;
    private final String reason;
    private final ArrayList<String> lines;

    Refused(Throwable failure) {
      super(Causes.status(failure), failure);
      this.reason = Errors.reason(failure);
      this.lines = new ArrayList<>(Errors.lines(failure));
      Status.Code code = Status.fromThrowable(failure).getCode();
      this.reached = code != Status.Code.UNAVAILABLE;
      this.late = code == Status.Code.DEADLINE_EXCEEDED;
    }

    /** Whether the request may have arrived. */
    public boolean reached() {
      return reached;
    }

    /** Whether it was not answered in time. */
    public boolean late() {
      return late;
    }

    /** The stable name of the reason; empty where the service gave none. */
    public String reason() {
      return reason;
    }

    /** What else there is to say, line by line. */
    public List<String> lines() {
      return List.copyOf(lines);
    }
  }

  private static final class Answer<T> implements StreamObserver<T> {
    private final CompletableFuture<T> stage = new CompletableFuture<>();

    @Override
    public void onNext(T value) {
      stage.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      stage.completeExceptionally(new Refused(failure));
    }

    @Override
    public void onCompleted() {
      stage.completeExceptionally(
          new Refused(Status.INTERNAL.withDescription("no answer").asRuntimeException()));
    }
  }
}
