package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.ha.model.Refusal;

/** Why a wish is not accepted, as an error. */
final class Refusals {

  private Refusals() {}

  static StatusRuntimeException error(Refusal refusal) {
    return Errors.of(code(refusal.code()), refusal.code().name(), refusal.reason());
  }

  private static Status.Code code(Refusal.Code code) {
    return switch (code) {
      case STORE_UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case OUTCOME_UNKNOWN -> Status.Code.UNKNOWN;
      case CONFLICT -> Status.Code.ABORTED;
      case CANDIDATE_REQUIRED, SCHEDULED_IN_THE_PAST -> Status.Code.INVALID_ARGUMENT;
      case MEMBER_UNKNOWN, NOTHING_TO_CANCEL -> Status.Code.NOT_FOUND;
      case ALREADY_IN_PROGRESS,
          NO_PRIMARY,
          PRIMARY_IS_ANOTHER,
          MEMBER_IS_PRIMARY,
          MEMBER_IS_WITNESS,
          NO_CANDIDATE,
          CANDIDATE_NOT_ELIGIBLE,
          CANDIDATE_NOT_RUNNING,
          CANDIDATE_NOT_ATTACHED,
          CANDIDATE_LAGS,
          CANDIDATE_REPLAY_HELD,
          DATA_LOSS_NOT_ACCEPTED,
          PAUSED,
          CONDITIONS_NOT_MET,
          TOO_LATE_TO_CANCEL ->
          Status.Code.FAILED_PRECONDITION;
    };
  }
}
