package io.quorate.rpc.access;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Judges who may change something; reading is open to all. Without a login only this host itself
 * may: plain reachability must not be enough to stop a cluster.
 *
 * @param login what must be shown; empty: nothing, and then only on loopback
 * @param allowlist where requests may come from; empty: from anywhere
 */
public record AccessGuard(Optional<Login> login, List<AddressRange> allowlist) {

  /** Nothing configured: loopback alone. */
  public static final AccessGuard LOOPBACK_ONLY = new AccessGuard(Optional.empty(), List.of());

  /** Copies the list. */
  public AccessGuard {
    allowlist = List.copyOf(allowlist);
  }

  /** Why a change is refused. */
  public enum Refusal {
    /** The address is not in the list. */
    NOT_ALLOWLISTED("access is denied: this address is not in 'restapi.allowlist'"),
    /** Nothing was shown. */
    NO_CREDENTIALS("no auth header received"),
    /** The wrong thing was shown. */
    WRONG_CREDENTIALS("not authenticated"),
    /** Nothing could be shown. */
    NOT_CONFIGURED(
        "changes from other hosts are refused while no login is configured: set"
            + " 'restapi.authentication' with username and password on every member, or ask on the"
            + " member's own host through a loopback address");

    private final String text;

    Refusal(String text) {
      this.text = text;
    }

    /** For people. */
    public String text() {
      return text;
    }
  }

  /**
   * Judges a request that changes something; empty: it may.
   *
   * @param authorization the {@code Authorization} header as received
   */
  public Optional<Refusal> judge(InetAddress from, Optional<String> authorization) {
    if (!allowlist.isEmpty() && allowlist.stream().noneMatch(range -> range.contains(from))) {
      return Optional.of(Refusal.NOT_ALLOWLISTED);
    }
    if (login.isEmpty()) {
      return from.isLoopbackAddress() ? Optional.empty() : Optional.of(Refusal.NOT_CONFIGURED);
    }
    if (authorization.isEmpty()) {
      return Optional.of(Refusal.NO_CREDENTIALS);
    }
    return login.get().isIn(authorization.get())
        ? Optional.empty()
        : Optional.of(Refusal.WRONG_CREDENTIALS);
  }
}
