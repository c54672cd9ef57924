package io.quorate.store;

/**
 * Identity of a lease, chosen by its client; 0 means "no lease". Printed in hex, as etcdctl does.
 */
public record LeaseId(long value) {

  /** No lease. */
  public static final LeaseId NONE = new LeaseId(0);

  @Override
  public String toString() {
    return Long.toHexString(value);
  }
}
