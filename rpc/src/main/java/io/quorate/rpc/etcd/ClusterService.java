package io.quorate.rpc.etcd;

import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.Member;
import io.quorate.proto.etcd.MemberListRequest;
import io.quorate.proto.etcd.MemberListResponse;
import io.quorate.store.Bytes;
import io.quorate.store.Membership;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** etcd's Cluster service: who the members are. They are changed elsewhere. */
final class ClusterService extends ClusterGrpc.ClusterImplBase {

  private static final RangeQuery NOTHING = RangeQuery.key(Bytes.of(new byte[] {0}));

  private final EtcdNode node;
  private final EtcdSettings settings;
  private final Map<String, EtcdSettings.Member> known;

  ClusterService(EtcdNode node, EtcdSettings settings) {
    this.node = node;
    this.settings = settings;
    this.known =
        settings.members().stream()
            .collect(Collectors.toMap(EtcdSettings.Member::name, member -> member));
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
    node.reply(
        fresh(request.getLinearizable()),
        _ ->
            MemberListResponse.newBuilder()
                .setHeader(node.header(Revision.NONE))
                .addAllMembers(members())
                .build(),
        observer);
  }

  /** Whoever wants no old answer is given one only where a leader has confirmed that it leads. */
  private CompletionStage<Outcome<Optional<OpResult.Range>>> fresh(boolean linearizable) {
    return linearizable
        ? node.store().range(NOTHING, ReadMode.LINEARIZABLE).thenApply(ClusterService::optional)
        : CompletableFuture.completedStage(new Outcome.Done<>(Optional.empty()));
  }

  private static <T> Outcome<Optional<T>> optional(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> new Outcome.Done<>(Optional.of(value));
      case Outcome.NotDone<T>(StoreError error) -> new Outcome.NotDone<>(error);
      case Outcome.Unknown<T>(String reason) -> new Outcome.Unknown<>(reason);
    };
  }

  private List<Member> members() {
    return node.store().members().stream()
        .map(this::member)
        .sorted(Comparator.comparingLong(Member::getID))
        .toList();
  }

  private Member member(Membership.Member voter) {
    Member.Builder member =
        Member.newBuilder()
            .setID(node.ids().member(voter.name()))
            .setName(voter.name())
            .addPeerURLs(scheme(settings.peersSecured()) + voter.raftAddress())
            .setIsLearner(voter.listener());
    EtcdSettings.Member configured = known.get(voter.name());
    if (configured != null) {
      configured
          .clientAddress()
          .ifPresent(at -> member.addClientURLs(scheme(settings.clientsSecured()) + at));
    }
    return member.build();
  }

  private static String scheme(boolean secured) {
    return secured ? "https://" : "http://";
  }
}
