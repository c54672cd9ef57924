package io.quorate.rpc.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.store.StoreError;

/** Refusals with etcd's codes and texts: clients compare both. */
final class EtcdErrors {

  static final Status EMPTY_KEY = invalid("etcdserver: key is not provided");
  static final Status KEY_NOT_FOUND = invalid("etcdserver: key not found");
  static final Status TTL_TOO_LARGE =
      Status.OUT_OF_RANGE.withDescription("etcdserver: too large lease TTL");
  static final Status NO_LEADER = Status.UNAVAILABLE.withDescription("etcdserver: no leader");
  static final Status NOT_LEADER =
      Status.FAILED_PRECONDITION.withDescription("etcdserver: not leader");
  static final Status BAD_TRANSFEREE =
      Status.FAILED_PRECONDITION.withDescription("etcdserver: bad leader transferee");
  static final Status STOPPED = Status.UNAVAILABLE.withDescription("etcdserver: server stopped");
  static final Status PERMISSION_DENIED =
      Status.PERMISSION_DENIED.withDescription("etcdserver: permission denied");
  static final Status AUTH_NOT_ENABLED =
      Status.FAILED_PRECONDITION.withDescription("etcdserver: authentication is not enabled");

  private static final Status TOO_MANY_REQUESTS =
      Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests");

  /** Whether it was done is not known: a text that no client takes for "not done". */
  private static final Status TIMED_OUT =
      Status.UNAVAILABLE.withDescription("etcdserver: request timed out");

  private EtcdErrors() {}

  static Status invalid(String text) {
    return Status.INVALID_ARGUMENT.withDescription(text);
  }

  /** What certainly was not done. */
  static Status of(StoreError error) {
    String text = error.message();
    return switch (error.code()) {
      case COMPACTED, FUTURE_REVISION -> Status.OUT_OF_RANGE.withDescription(text);
      case KEY_NOT_FOUND, INVALID_ARGUMENT -> invalid(text);
      case LEASE_NOT_FOUND -> Status.NOT_FOUND.withDescription(text);
      case LEASE_EXISTS -> Status.FAILED_PRECONDITION.withDescription(text);
      case PERMISSION_DENIED -> PERMISSION_DENIED;
      case NO_SPACE -> Status.RESOURCE_EXHAUSTED.withDescription(text);
      case UNAVAILABLE -> NO_LEADER;
      case OVERLOADED -> TOO_MANY_REQUESTS;
      case CLOSED -> STOPPED;
    };
  }

  /** What may have been done. */
  static Status unknown() {
    return TIMED_OUT;
  }

  static StatusRuntimeException thrown(Status status) {
    return status.asRuntimeException();
  }
}
