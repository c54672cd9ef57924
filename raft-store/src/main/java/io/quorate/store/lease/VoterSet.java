package io.quorate.store.lease;

import java.util.List;
import java.util.Set;

/**
 * The voters of the configuration in force.
 *
 * @param current voters, or the voters to be while the configuration changes
 * @param outgoing the voters before; empty unless the configuration is changing
 */
public record VoterSet(List<String> current, List<String> outgoing) {

  /** Checks that there is a voter. */
  public VoterSet {
    current = List.copyOf(current);
    outgoing = List.copyOf(outgoing);
    if (current.isEmpty()) {
      throw new IllegalArgumentException("a configuration without voters");
    }
  }

  /** A configuration that is not changing. */
  public static VoterSet of(String... voters) {
    return new VoterSet(List.of(voters), List.of());
  }

  /** Outcome of asking for a majority. */
  public enum Verdict {
    CONFIRMED,
    PENDING,
    /** Too many have refused for a majority to be reached. */
    LOST
  }

  /** Whether a majority (of both halves, while changing) is among {@code yes}. */
  public Verdict verdict(Set<String> yes, Set<String> no) {
    Verdict verdict = verdict(current, yes, no);
    if (outgoing.isEmpty() || verdict == Verdict.LOST) {
      return verdict;
    }
    Verdict other = verdict(outgoing, yes, no);
    return other == Verdict.CONFIRMED ? verdict : other;
  }

  private static Verdict verdict(List<String> voters, Set<String> yes, Set<String> no) {
    int confirmed = 0;
    int refused = 0;
    for (String voter : voters) {
      confirmed += yes.contains(voter) ? 1 : 0;
      refused += no.contains(voter) ? 1 : 0;
    }
    if (2 * confirmed > voters.size()) {
      return Verdict.CONFIRMED;
    }
    return 2 * (voters.size() - refused) > voters.size() ? Verdict.PENDING : Verdict.LOST;
  }
}
