package io.quorate.store;

/**
 * Why a request was certainly not done.
 *
 * @param message for people: says what and, where there is one, the remedy
 */
public record StoreError(Code code, String message) {

  /** etcd's answer to whoever may not do something, letter by letter. */
  public static final StoreError PERMISSION_DENIED =
      new StoreError(Code.PERMISSION_DENIED, "etcdserver: permission denied");

  /** Kinds of refusal. Those up to {@code NO_SPACE} are deterministic results of the machine. */
  public enum Code {
    /** The revision asked for is compacted. */
    COMPACTED,
    /** The revision asked for lies in the future. */
    FUTURE_REVISION,
    /** {@code ignoreValue}/{@code ignoreLease} on an absent key. */
    KEY_NOT_FOUND,
    /** No such lease. */
    LEASE_NOT_FOUND,
    /** The lease id is taken. */
    LEASE_EXISTS,
    /** Too large, too many operations, duplicate put of a key, empty key. */
    INVALID_ARGUMENT,
    /** A guarded key, or a lease that holds one, and not the permitted writer. */
    PERMISSION_DENIED,
    /** Size quota reached. */
    NO_SPACE,
    /** No leader known, or the leader cannot be reached; nothing was sent. */
    UNAVAILABLE,
    /** Too many requests under way. */
    OVERLOADED,
    /** The store was closed. */
    CLOSED
  }
}
