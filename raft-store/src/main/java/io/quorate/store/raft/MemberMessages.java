package io.quorate.store.raft;

import io.quorate.proto.store.v1.VoterMessages.MemberChange;
import io.quorate.proto.store.v1.VoterMessages.MemberProgress;
import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Phase;
import io.quorate.store.Membership.Progress;
import java.util.Optional;

/** Changes of the voters as members tell them each other. */
final class MemberMessages {

  private MemberMessages() {}

  static MemberChange of(Change change) {
    MemberChange.Builder message = MemberChange.newBuilder().setName(change.name());
    return switch (change) {
      case Change.Add(String _, String raft, String member, boolean listener) ->
          message
              .setKind(MemberChange.Kind.KIND_ADD)
              .setRaftAddress(raft)
              .setMemberAddress(member)
              .setListener(listener)
              .build();
      case Change.Promote _ -> message.setKind(MemberChange.Kind.KIND_PROMOTE).build();
      case Change.Remove(String _, String id) ->
          message.setKind(MemberChange.Kind.KIND_REMOVE).setId(id).build();
      case Change.Replace(String _, String id) ->
          message.setKind(MemberChange.Kind.KIND_REPLACE).setId(id).build();
    };
  }

  /** What {@code message} asks for; empty when this version does not know it. */
  static Optional<Change> change(MemberChange message) {
    String name = message.getName();
    return switch (message.getKind()) {
      case KIND_ADD ->
          Optional.of(
              new Change.Add(
                  name,
                  message.getRaftAddress(),
                  message.getMemberAddress(),
                  message.getListener()));
      case KIND_PROMOTE -> Optional.of(new Change.Promote(name));
      case KIND_REMOVE -> Optional.of(new Change.Remove(name, message.getId()));
      case KIND_REPLACE -> Optional.of(new Change.Replace(name, message.getId()));
      case KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  static MemberProgress of(Progress progress) {
    MemberProgress.Phase phase =
        switch (progress.phase()) {
          case WAITING -> MemberProgress.Phase.PHASE_WAITING;
          case UNDER_WAY -> MemberProgress.Phase.PHASE_UNDER_WAY;
          case DONE -> MemberProgress.Phase.PHASE_DONE;
        };
    return MemberProgress.newBuilder().setPhase(phase).setText(progress.text()).build();
  }

  static Progress progress(MemberProgress message) {
    Phase phase =
        switch (message.getPhase()) {
          case PHASE_WAITING -> Phase.WAITING;
          case PHASE_DONE -> Phase.DONE;
          // Whatever it is, it is to be asked about again.
          case PHASE_UNDER_WAY, PHASE_UNSPECIFIED, UNRECOGNIZED -> Phase.UNDER_WAY;
        };
    return new Progress(phase, message.getText());
  }
}
