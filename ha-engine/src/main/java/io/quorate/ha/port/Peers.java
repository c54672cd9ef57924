package io.quorate.ha.port;

import io.quorate.ha.model.MemberName;
import java.util.concurrent.CompletionStage;

/** Asks other members directly. Never for permission: only whether they are there. */
public interface Peers {

  /** Whether that member's agent answers within the port's bound. Never completes exceptionally. */
  CompletionStage<Boolean> agentAnswers(MemberName member);
}
