package io.quorate.cli;

import io.quorate.ha.model.Lsn;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A cluster's members in patronictl's columns, in every format. */
final class MemberList {

  private static final long MEGABYTE = 1 << 20;
  private static final int DEFAULT_PORT = 5432;

  private final ClusterStatus status;
  private final boolean withPort;

  MemberList(ClusterStatus status) {
    this.status = status;
    Set<String> hosts = new HashSet<>();
    this.withPort =
        status.getMembersList().stream()
            .filter(member -> member.getRole() != Role.ROLE_WITNESS)
            .anyMatch(member -> member.getPort() != DEFAULT_PORT || !hosts.add(member.getHost()));
  }

  /** The lines in {@code format}. */
  List<String> lines(Format format, boolean extended) {
    Rows rows = new Rows(columns(extended));
    status.getMembersList().forEach(member -> rows.add(row(member)));
    String system = status.getSystemIdentifier();
    List<String> lines =
        new ArrayList<>(
            rows.lines(
                format,
                Optional.of(
                    "Cluster: "
                        + status.getScope()
                        + " ("
                        + (system.isEmpty() ? "uninitialized" : system)
                        + ")")));
    if (format == Format.PRETTY) {
      remarks(lines);
    }
    return lines;
  }

  private void remarks(List<String> lines) {
    outdated().ifPresent(remark -> lines.add(" " + remark));
    if (status.getSettings().getPaused()) {
      lines.add(" Maintenance mode: on");
    }
    status.getOperationsList().forEach(operation -> lines.addAll(remark(operation)));
    status.getMembersList().stream()
        .filter(MemberStatus::hasCopy)
        .forEach(member ->
            lines.add(" " + member.getName() + ": copied " + Progress.copy(member.getCopy())));
    status.getMembersList().stream()
        .filter(member -> !member.getProblem().isEmpty())
        .forEach(member -> lines.add(" " + member.getName() + ": " + member.getProblem()));
  }

  /** That nothing of this need be true any more: who answered hears nothing from the store. */
  Optional<String> outdated() {
    if (status.hasViewAgeMs() && status.getViewAgeMs() <= status.getSettings().getTtlMs()) {
      return Optional.empty();
    }
    String who = status.getNode().getName();
    return Optional.of(
        "OUTDATED: "
            + (who.isEmpty() ? "who answered" : who)
            + (status.hasViewAgeMs()
                ? " last heard from the store "
                    + (status.getViewAgeMs() + 500) / 1000
                    + " s ago and "
                : " has heard nothing from the store and ")
            + (status.getStore().getLeader().isEmpty()
                ? "knows no leader of it: a majority of the store's voters is needed"
                : "does not reach it")
            + "; 'quorate status' asks every member");
  }

  /** Patronictl's words for a scheduled switchover; other wishes in a line each. */
  private static List<String> remark(Operation operation) {
    List<String> lines = new ArrayList<>();
    if (operation.getKind().equals("switchover") && !operation.getScheduledAt().isEmpty()) {
      lines.add(
          " Switchover scheduled at: " + operation.getScheduledAt().replaceFirst("Z$", "+00:00"));
      if (!operation.getMember().isEmpty()) {
        lines.add("                    from: " + operation.getMember());
      }
      if (!operation.getCandidate().isEmpty()) {
        lines.add("                      to: " + operation.getCandidate());
      }
    } else if (operation.getScheduledAt().isEmpty()) {
      lines.add(
          " "
              + operation.getKind()
              + (operation.getMember().isEmpty() ? "" : " of " + operation.getMember())
              + ": "
              + operation.getReason());
    }
    return lines;
  }

  private List<Rows.Column> columns(boolean extended) {
    List<Rows.Column> columns =
        new ArrayList<>(
            List.of(
                new Rows.Column("Cluster", "", false),
                Rows.Column.left("Member"),
                Rows.Column.left("Host"),
                Rows.Column.left("Role"),
                Rows.Column.left("State"),
                Rows.Column.right("TL"),
                Rows.Column.right("Receive LSN"),
                new Rows.Column("Receive Lag", "Lag", true),
                Rows.Column.right("Replay LSN"),
                new Rows.Column("Replay Lag", "Lag", true)));
    if (extended || any(m -> m.getPendingRestartCount() > 0)) {
      columns.add(Rows.Column.left("Pending restart"));
      columns.add(Rows.Column.left("Pending restart reason"));
    }
    if (extended || any(m -> !scheduledRestart(m).isEmpty())) {
      columns.add(Rows.Column.left("Scheduled restart"));
    }
    if (extended || any(m -> !m.getTagsMap().isEmpty())) {
      columns.add(Rows.Column.left("Tags"));
    }
    return columns;
  }

  private boolean any(Predicate<MemberStatus> what) {
    return status.getMembersList().stream().anyMatch(what);
  }

  private String scheduledRestart(MemberStatus member) {
    return status.getOperationsList().stream()
        .filter(o -> o.getKind().equals("restart") && o.getMember().equals(member.getName()))
        .map(Operation::getScheduledAt)
        .findFirst()
        .orElse("");
  }

  private Map<String, @Nullable Object> row(MemberStatus member) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    boolean replica =
        member.getRole() != Role.ROLE_PRIMARY && member.getRole() != Role.ROLE_WITNESS;
    row.put("Cluster", status.getScope());
    row.put("Member", member.getName());
    row.put("Host", host(member));
    row.put("Role", role(member));
    row.put("State", member.getState());
    if (member.hasTimeline()) {
      row.put("TL", Integer.toUnsignedLong(member.getTimeline()));
    }
    if (replica) {
      row.put("Receive LSN", lsn(member.hasReceived(), member.getReceived()));
      if (member.hasReceiveLag()) {
        row.put("Receive Lag", rounded(member.getReceiveLag()));
      }
      row.put("Replay LSN", lsn(member.hasReplayed(), member.getReplayed()));
      if (member.hasReplayLag()) {
        row.put("Replay Lag", rounded(member.getReplayLag()));
      }
    }
    if (member.getPendingRestartCount() > 0) {
      row.put("Pending restart", "*");
      row.put("Pending restart reason", String.join("\n", member.getPendingRestartList()));
    }
    row.put("Scheduled restart", scheduledRestart(member));
    if (!member.getTagsMap().isEmpty()) {
      Map<String, Object> tags = new TreeMap<>();
      member.getTagsMap().forEach((key, value) -> tags.put(key, tag(value)));
      row.put("Tags", tags);
    }
    return row;
  }

  private static Object tag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> value.matches("-?(0|[1-9][0-9]{0,8})") ? (Object) Integer.valueOf(value) : value;
    };
  }

  private static String role(MemberStatus member) {
    return switch (member.getRole()) {
      case ROLE_PRIMARY -> "Leader";
      case ROLE_WITNESS -> "Witness";
      case ROLE_STANDBY, ROLE_UNSPECIFIED, UNRECOGNIZED -> "Replica";
    };
  }

  private String host(MemberStatus member) {
    String host = member.getHost();
    return withPort && member.getRole() != Role.ROLE_WITNESS
        ? (host.contains(":") ? "[" + host + "]" : host) + ":" + member.getPort()
        : host;
  }

  private static String lsn(boolean known, long value) {
    return known ? new Lsn(value).toString() : "unknown";
  }

  /** In MB, as patronictl shows lags. */
  private static long rounded(long bytes) {
    return Math.round((double) bytes / MEGABYTE);
  }
}
