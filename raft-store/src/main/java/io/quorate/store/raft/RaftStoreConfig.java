package io.quorate.store.raft;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of a member's store. Messages name the settings as the YAML file does.
 *
 * @param name this member's name, one of {@code members}
 * @param listen where its Raft server listens
 * @param dataDir directory of its log, snapshots and identity; made when absent
 * @param identityCopy file with the second copy of its identity; on another disk than {@code
 *     dataDir} if possible, never inside it
 * @param members all members, this one as well, in the same order everywhere
 * @param bootstrapMember who founds the group when there is none yet
 * @param timing see there
 * @param log see there
 * @param tls how the Raft port is secured; empty: plain text
 */
public record RaftStoreConfig(
    String name,
    HostPort listen,
    Path dataDir,
    Path identityCopy,
    List<Member> members,
    String bootstrapMember,
    Timing timing,
    LogSettings log,
    Optional<RaftTls> tls) {

  private static final Duration ELECTION_MIN = Duration.ofMillis(50);
  private static final int NAME_MAX = 64;

  /**
   * A member of the store.
   *
   * @param address where the others reach its Raft server
   * @param memberAddress where the others reach its member service
   */
  public record Member(String name, HostPort address, HostPort memberAddress) {}

  /**
   * How long things may take.
   *
   * @param electionMin shortest time without a heartbeat after which a follower may stand for
   *     election; heartbeats go out every half of it
   * @param electionMax longest such time, at least twice {@code electionMin}: a follower compares
   *     only after having slept a whole random timeout, so detection takes up to twice this
   * @param leaderWait how long a request waits for a leader before it is refused as unavailable
   * @param request after this long a request that was sent somewhere ends as unknown
   * @param confirm how long a confirmation round may take
   * @param joining how long a member that joins may take to catch up before it is given up
   */
  public record Timing(
      Duration electionMin,
      Duration electionMax,
      Duration leaderWait,
      Duration request,
      Duration confirm,
      Duration joining) {

    /** For members on one local network. */
    public static final Timing LAN =
        new Timing(
            Duration.ofMillis(300),
            Duration.ofMillis(800),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60));

    /** Checks that they are in order. */
    public Timing {
      check(
          electionMin.compareTo(ELECTION_MIN) >= 0,
          "raft.election_timeout: %s ms is too short, at least %s ms are needed",
          electionMin.toMillis(),
          ELECTION_MIN.toMillis());
      check(
          electionMax.compareTo(electionMin.multipliedBy(2)) >= 0,
          "raft.election_timeout: the longest (%s ms) must be at least twice the shortest (%s ms)",
          electionMax.toMillis(),
          electionMin.toMillis());
      check(
          leaderWait.isPositive()
              && confirm.isPositive()
              && joining.isPositive()
              && request.compareTo(leaderWait) >= 0,
          "raft: timeouts must be positive, and requests may not time out before leader_wait");
    }

    /** The same with other election timeouts. */
    public Timing withElection(Duration min, Duration max) {
      return new Timing(min, max, leaderWait, request, confirm, joining);
    }

    /** The same with another bound on joining. */
    public Timing withJoining(Duration limit) {
      return new Timing(electionMin, electionMax, leaderWait, request, confirm, limit);
    }
  }

  /**
   * The log and its snapshots.
   *
   * @param snapshotEntries a snapshot is taken after so many entries
   * @param keepEntries entries kept behind a snapshot, so that a member that was away for a short
   *     while need not be sent the whole state
   * @param keepSnapshots snapshots kept
   * @param segmentBytes size of a file of the log
   */
  public record LogSettings(
      int snapshotEntries, int keepEntries, int keepSnapshots, int segmentBytes) {

    /** What suits a database cluster. */
    public static final LogSettings DEFAULT = new LogSettings(10_000, 5_000, 3, 4 * 1024 * 1024);

    /** Checks the ranges. */
    public LogSettings {
      check(snapshotEntries >= 1, "raft.snapshot_entries: must be positive");
      check(keepEntries >= 0, "raft.keep_entries: must not be negative");
      check(keepSnapshots >= 2, "raft.keep_snapshots: at least 2, one may be on its way to a peer");
      check(segmentBytes >= 16 * 1024, "raft.segment_bytes: at least 16 KiB");
    }
  }

  /** Checks what can be checked without looking at the machine. */
  public RaftStoreConfig {
    members = List.copyOf(members);
    checkMembers(members);
    checkName(name, "name");
    ownEntry(members, name);
    check(
        find(members, bootstrapMember).isPresent(),
        "raft.bootstrap_member: '%s' is not in raft.members",
        bootstrapMember);
    check(
        !identityCopy.toAbsolutePath().normalize().startsWith(dataDir.toAbsolutePath().normalize()),
        "raft.identity_copy: %s lies inside raft.data_dir, and would be lost with it",
        identityCopy);
  }

  /** With defaults for all that has one. */
  public static RaftStoreConfig of(String name, Path dataDir, List<Member> members) {
    check(!members.isEmpty(), "raft.members: is empty");
    Path fileName = dataDir.toAbsolutePath().normalize().getFileName();
    check(fileName != null, "raft.data_dir: %s cannot hold the store", dataDir);
    return new RaftStoreConfig(
        name,
        ownEntry(members, name).address(),
        dataDir,
        dataDir.toAbsolutePath().normalize().resolveSibling(fileName + ".identity"),
        members,
        members.getFirst().name(),
        Timing.LAN,
        LogSettings.DEFAULT,
        Optional.empty());
  }

  /** The same, listening elsewhere than the others connect to. */
  public RaftStoreConfig withListen(HostPort other) {
    return new RaftStoreConfig(
        name, other, dataDir, identityCopy, members, bootstrapMember, timing, log, tls);
  }

  /** The same with another place for the second copy of the identity. */
  public RaftStoreConfig withIdentityCopy(Path other) {
    return new RaftStoreConfig(
        name, listen, dataDir, other, members, bootstrapMember, timing, log, tls);
  }

  /** The same with another founder. */
  public RaftStoreConfig withBootstrapMember(String other) {
    return new RaftStoreConfig(
        name, listen, dataDir, identityCopy, members, other, timing, log, tls);
  }

  /** The same with other times. */
  public RaftStoreConfig withTiming(Timing other) {
    return new RaftStoreConfig(
        name, listen, dataDir, identityCopy, members, bootstrapMember, other, log, tls);
  }

  /** The same with another log. */
  public RaftStoreConfig withLog(LogSettings other) {
    return new RaftStoreConfig(
        name, listen, dataDir, identityCopy, members, bootstrapMember, timing, other, tls);
  }

  /** The same, secured. */
  public RaftStoreConfig withTls(RaftTls other) {
    return new RaftStoreConfig(
        name,
        listen,
        dataDir,
        identityCopy,
        members,
        bootstrapMember,
        timing,
        log,
        Optional.of(other));
  }

  /** This member's own entry. */
  public Member self() {
    return ownEntry(members, name);
  }

  /** The other members. */
  public List<Member> others() {
    return members.stream().filter(member -> !member.name().equals(name)).toList();
  }

  /** The member of that name. */
  public Optional<Member> member(String wanted) {
    return find(members, wanted);
  }

  private static void checkMembers(List<Member> members) {
    Set<String> names = new HashSet<>();
    Set<HostPort> addresses = new HashSet<>();
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      checkName(member.name(), "raft.members[%d].name".formatted(i));
      check(
          names.add(member.name()), "raft.members[%s].name: '%s' is there twice", i, member.name());
      check(
          addresses.add(member.address()) && addresses.add(member.memberAddress()),
          "raft.members[%s].address: another member has %s or %s too",
          i,
          member.address(),
          member.memberAddress());
    }
  }

  /** Checks what {@code setting} says about a member's name. */
  static void checkName(String name, String setting) {
    check(
        !name.isEmpty()
            && name.length() <= NAME_MAX
            && name.chars().allMatch(RaftStoreConfig::fitsName),
        "%s: '%s' must be 1 to %s letters, digits, dots, dashes or underscores",
        setting,
        name,
        NAME_MAX);
  }

  private static boolean fitsName(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '-'
        || c == '_';
  }

  private static Member ownEntry(List<Member> members, String name) {
    return find(members, name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "raft.members: has no entry for this member, '%s'".formatted(name)));
  }

  private static Optional<Member> find(List<Member> members, String wanted) {
    return members.stream().filter(member -> member.name().equals(wanted)).findFirst();
  }

  @FormatMethod
  private static void check(boolean condition, @FormatString String template, Object... args) {
    if (!condition) {
      throw new IllegalArgumentException(template.formatted(args));
    }
  }
}
