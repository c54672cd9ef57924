package io.quorate.ha.model;

/** Where a standby's {@code primary_conninfo} points, as written durably. */
public sealed interface Upstream {

  /** At the agent's own socket: it receives from nobody in this round. */
  record Frozen(Epoch round) implements Upstream {}

  /** At {@code member}, the primary of {@code epoch}. */
  record Following(MemberName member, Epoch epoch) implements Upstream {}

  /** At nothing that Quorate wrote: a directory not yet taken over. */
  record Unknown() implements Upstream {}
}
