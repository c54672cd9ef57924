package io.quorate.cli;

import io.quorate.ha.model.Lsn;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Failover;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.NodeStatus;
import io.quorate.proto.admin.v1.Role;
import io.quorate.proto.admin.v1.StoreStatus;
import io.quorate.time.BootTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The cluster as one screen of text, put together from what each member says of itself and, for
 * those that are silent, from what the freshest of the others says. A pure function of what was
 * heard and the time.
 */
final class StatusView {

  private static final int REASON_MAX = 60;

  private final Collection<Sighting> sightings;
  private final BootTime now;
  private final Optional<ClusterStatus> best;

  StatusView(Collection<Sighting> sightings, BootTime now) {
    this.sightings = sightings;
    this.now = now;
    this.best =
        sightings.stream()
            .filter(Sighting::answers)
            .min(Comparator.comparingLong((Sighting s) -> s.viewAgeMs(now)))
            .flatMap(Sighting::status);
  }

  /** The screen's lines. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (best.isEmpty()) {
      lines.add("no member answers:");
      sightings.forEach(
          s -> lines.add("  " + s.address() + ": " + s.failure().orElse("no status yet")));
      return lines;
    }
    ClusterStatus status = best.get();
    lines.addAll(members(status));
    lines.add(summary(status));
    lines.add(store());
    if (status.hasLastFailover()) {
      lines.addAll(failover(status.getLastFailover()));
    }
    problems(lines, status);
    return lines;
  }

  private List<String> members(ClusterStatus status) {
    Table table =
        new Table(
            List.of("Member", "Role", "State", "TL", "LSN", "Lag", "Lease", "Store", "Doing"),
            Set.of(3, 4, 5, 6));
    Optional<Long> end = primaryPosition(status);
    for (String name : names(status)) {
      Optional<MemberStatus> member =
          status.getMembersList().stream().filter(m -> m.getName().equals(name)).findFirst();
      Optional<Sighting> own =
          sightings.stream().filter(s -> s.answers() && node(s).getName().equals(name)).findFirst();
      Optional<NodeStatus> node = own.map(StatusView::node);
      Optional<Long> position =
          node.filter(NodeStatus::hasPosition)
              .map(NodeStatus::getPosition)
              .or(() -> member.filter(MemberStatus::hasPosition).map(MemberStatus::getPosition));
      boolean holder = name.equals(status.getPrimary());
      table.add(
          List.of(
              name,
              role(holder, member, node),
              state(member, node),
              member.filter(MemberStatus::hasTimeline).map(m -> "" + m.getTimeline()).orElse(""),
              position.map(p -> new Lsn(p).toString()).orElse(""),
              holder ? "" : lag(end, position),
              own.map(this::lease).orElse(""),
              storeRole(name),
              node.map(StatusView::doing).orElse("")));
    }
    return table.lines("Cluster: " + status.getScope());
  }

  private static NodeStatus node(Sighting sighting) {
    return sighting.status().map(ClusterStatus::getNode).orElse(NodeStatus.getDefaultInstance());
  }

  /** Everybody that anything is known of. */
  private SortedSet<String> names(ClusterStatus status) {
    SortedSet<String> names = new TreeSet<>();
    status.getMembersList().forEach(member -> names.add(member.getName()));
    status.getStore().getVotersList().forEach(voter -> names.add(voter.getName()));
    sightings.stream()
        .flatMap(s -> s.status().stream())
        .forEach(s -> names.add(s.getNode().getName()));
    names.remove("");
    return names;
  }

  private static String role(
      boolean holder, Optional<MemberStatus> member, Optional<NodeStatus> node) {
    if (!holder) {
      // Of a voter whose agent nobody has heard, it is not known whether it has a PostgreSQL.
      return member
          .map(m -> m.getRole() == Role.ROLE_WITNESS ? "witness" : "standby")
          .or(() -> node.map(n -> n.getRole().equals("witness") ? "witness" : "standby"))
          .orElse("");
    }
    // Without its own word only the lease is known, not whether PostgreSQL is writable.
    return node.filter(NodeStatus::getPrimary).isPresent() ? "PRIMARY" : "holds lease";
  }

  private static String state(Optional<MemberStatus> member, Optional<NodeStatus> node) {
    if (node.isEmpty()) {
      return "no answer";
    }
    return member
        .map(MemberStatus::getState)
        .filter(state -> state.equals("streaming") && node.get().getState().equals("running"))
        .orElse(node.get().getState());
  }

  private Optional<Long> primaryPosition(ClusterStatus status) {
    return sightings.stream()
        .filter(s -> s.answers() && node(s).getName().equals(status.getPrimary()))
        .map(StatusView::node)
        .filter(NodeStatus::hasPosition)
        .map(NodeStatus::getPosition)
        .findFirst();
  }

  private static String lag(Optional<Long> end, Optional<Long> position) {
    return end.flatMap(e -> position.map(p -> bytes(Math.max(0, e - p)))).orElse("");
  }

  private static String bytes(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    if (bytes < 1 << 20) {
      return (bytes >> 10) + " kB";
    }
    return (bytes >> 20) + " MB";
  }

  private String lease(Sighting own) {
    NodeStatus node = node(own);
    return node.hasLeaseLeftMs() ? seconds(node.getLeaseLeftMs() - own.ageMs(now)) : "";
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", Math.max(0, millis) / 1000.0);
  }

  private static String doing(NodeStatus node) {
    String text = node.getOperation().isEmpty() ? node.getReason() : node.getOperation();
    return text.length() <= REASON_MAX ? text : text.substring(0, REASON_MAX - 1) + "…";
  }

  /** The store as the member of the highest term sees it. */
  private Optional<StoreStatus> newestStore() {
    return sightings.stream()
        .filter(Sighting::answers)
        .flatMap(s -> s.status().stream())
        .map(ClusterStatus::getStore)
        .max(
            Comparator.comparingLong(StoreStatus::getTerm)
                .thenComparing(store -> !store.getLeader().isEmpty())
                .thenComparingLong(StoreStatus::getCommitIndex));
  }

  private String storeRole(String name) {
    return newestStore()
        .map(store -> {
          if (store.getLeader().equals(name)) {
            return "leader";
          }
          return store.getVotersList().stream().anyMatch(voter -> voter.getName().equals(name))
              ? "voter"
              : "";
        })
        .orElse("");
  }

  private String store() {
    return newestStore()
        .map(store ->
            " Store: "
                + (store.getLeader().isEmpty() ? "no leader" : "leader " + store.getLeader())
                + ", term "
                + store.getTerm()
                + ", log index "
                + store.getCommitIndex())
        .orElse(" Store: not known");
  }

  private static String summary(ClusterStatus status) {
    return " Primary: "
        + (status.getPrimary().isEmpty()
            ? "none"
            : status.getPrimary() + ", epoch " + status.getEpoch())
        + "; profile "
        + status.getSettings().getProfile()
        + ", lease "
        + seconds(status.getSettings().getTtlMs())
        + (status.getSettings().getPaused() ? "; PAUSED" : "");
  }

  private static List<String> failover(Failover failover) {
    String steps =
        new TreeMap<>(failover.getStepsMsMap())
            .entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByValue())
                .map(step -> step.getKey() + " " + step.getValue() + " ms")
                .collect(Collectors.joining(", "));
    return List.of(
        " Last failover: "
            + (failover.getOldPrimary().isEmpty() ? "?" : failover.getOldPrimary())
            + " -> "
            + failover.getNewPrimary()
            + " at "
            + failover.getAt()
            + ": "
            + failover.getCause(),
        "   lost: " + failover.getLoss() + (steps.isEmpty() ? "" : "; steps: " + steps));
  }

  private void problems(List<String> lines, ClusterStatus status) {
    for (Sighting sighting : sightings) {
      sighting
          .failure()
          .ifPresent(why ->
              lines.add(
                  " ! "
                      + sighting.status().map(s -> s.getNode().getName()).orElse(sighting.address())
                      + " does not answer: "
                      + why));
      sighting
          .status()
          .filter(_ -> sighting.answers() && !node(sighting).getName().isEmpty())
          .map(ClusterStatus::getStore)
          .filter(store -> !store.getProblem().isEmpty())
          .ifPresent(store ->
              lines.add(" ! store at " + node(sighting).getName() + ": " + store.getProblem()));
    }
    status.getMembersList().stream()
        .filter(member -> !member.getProblem().isEmpty())
        .forEach(member -> lines.add(" ! " + member.getName() + ": " + member.getProblem()));
  }
}
