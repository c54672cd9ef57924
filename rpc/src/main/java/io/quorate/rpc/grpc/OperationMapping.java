package io.quorate.rpc.grpc;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Wish;
import io.quorate.proto.admin.v1.Operation;
import java.util.Optional;

/** A wish as the admin service shows it. */
final class OperationMapping {

  private OperationMapping() {}

  /** {@code view} adds what the member concerned says of itself. */
  static Operation of(Intent intent, Optional<ClusterView> view) {
    Intent.Progress progress = intent.progress();
    Operation.Builder operation =
        Operation.newBuilder()
            .setSlot(intent.wish().slot())
            .setId(intent.id())
            .setRequester(intent.requester())
            .setAskedAt(intent.askedAt().toString())
            .setState(state(progress.state()))
            .setReason(progress.reason())
            .setCode(progress.code().map(Enum::name).orElse(""))
            .setRevision(intent.revision());
    intent.wish().scheduledAt().ifPresent(at -> operation.setScheduledAt(at.toString()));
    wish(operation, intent.wish());
    progress.candidate().ifPresent(name -> operation.setCandidate(name.value()));
    if (intent.wish() instanceof Wish.Reinit(MemberName member) && intent.open()) {
      view.map(v -> v.members().get(member))
          .flatMap(MemberInfo::copy)
          .ifPresent(copy -> operation.setCopy(copy(copy)));
    }
    return operation.build();
  }

  private static void wish(Operation.Builder operation, Wish wish) {
    switch (wish) {
      case Wish.Switchover s -> {
        operation.setKind("switchover");
        s.leader().ifPresent(name -> operation.setMember(name.value()));
        s.candidate().ifPresent(name -> operation.setCandidate(name.value()));
      }
      case Wish.Failover f -> operation.setKind("failover").setCandidate(f.candidate().value());
      case Wish.Restart r -> operation.setKind("restart").setMember(r.member().value());
      case Wish.Reload r -> operation.setKind("reload").setMember(r.member().value());
      case Wish.Reinit r -> operation.setKind("reinit").setMember(r.member().value());
    }
  }

  private static Operation.State state(Intent.State state) {
    return switch (state) {
      case PENDING -> Operation.State.PENDING;
      case PREPARING -> Operation.State.PREPARING;
      case STOPPING -> Operation.State.STOPPING;
      case STOPPED -> Operation.State.STOPPED;
      case HANDING_OVER -> Operation.State.HANDING_OVER;
      case RUNNING -> Operation.State.RUNNING;
      case DONE -> Operation.State.DONE;
      case FAILED -> Operation.State.FAILED;
      case CANCELLED -> Operation.State.CANCELLED;
    };
  }

  static Operation.Copy copy(CopyProgress progress) {
    Operation.Copy.Builder copy =
        Operation.Copy.newBuilder()
            .setDone(progress.done())
            .setTotal(progress.total())
            .setBytesPerSecond(progress.bytesPerSecond());
    progress.remaining().ifPresent(left -> copy.setSecondsLeft(left.toSeconds()));
    return copy.build();
  }
}
