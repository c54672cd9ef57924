package io.quorate.rpc.etcd;

import java.util.concurrent.CompletionStage;

/**
 * Refuses what clients want changed until the member's engine has its own keys guarded: a store
 * that was just founded knows of no guards yet.
 */
final class WriteGate {

  private volatile boolean open;

  WriteGate(CompletionStage<?> guarded) {
    var _ = guarded.thenRun(() -> open = true);
  }

  /** Throws the refusal. */
  void check() {
    if (!open) {
      throw EtcdErrors.thrown(EtcdErrors.NO_LEADER);
    }
  }
}
