package io.quorate.rpc.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the etcd API of one member is told.
 *
 * @param name this member's
 * @param members all members that are known from the settings
 * @param limits bounds
 * @param peersSecured whether Raft servers speak TLS
 * @param clientsSecured whether this port does
 */
public record EtcdSettings(
    String name,
    List<Member> members,
    Limits limits,
    boolean peersSecured,
    boolean clientsSecured) {

  /** In plain text. */
  public EtcdSettings(String name, List<Member> members, Limits limits) {
    this(name, members, limits, false, false);
  }

  /** Copies the list. */
  public EtcdSettings {
    members = List.copyOf(members);
  }

  /**
   * A member.
   *
   * @param peerAddress host and port of its Raft server
   * @param clientAddress host and port of its etcd API, where it has one
   */
  public record Member(String name, String peerAddress, Optional<String> clientAddress) {}

  /**
   * Bounds.
   *
   * @param messageBytes largest message of a client; the store's own bound on requests lies below
   * @param fragmentBytes size at which a watch's response is split, where the client asked for that
   * @param watches most watches of one stream
   * @param renewals keep-alives of one stream that may wait for their answers; more are not read
   * @param connections most connections; further ones are closed at once
   * @param progressEvery how often a watch that asked for it hears that nothing happened
   * @param minTtl leases asked for less get this; etcd's own least at its default timings
   * @param leaderless how long a stream that needs a leader outlives the leader
   */
  public record Limits(
      int messageBytes,
      int fragmentBytes,
      int watches,
      int renewals,
      int connections,
      Duration progressEvery,
      Duration minTtl,
      Duration leaderless) {

    /** What production uses. */
    public static final Limits DEFAULT =
        new Limits(
            1536 * 1024,
            1536 * 1024,
            10_000,
            256,
            4_096,
            Duration.ofMinutes(10),
            Duration.ofSeconds(2),
            Duration.ofSeconds(3));
  }
}
