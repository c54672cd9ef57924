package io.quorate.cli;

import io.quorate.ha.model.Lsn;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
    if (status.getSettings().getPaused()) {
      lines.add(" Maintenance mode: on");
    }
    status.getMembersList().stream()
        .filter(member -> !member.getProblem().isEmpty())
        .forEach(member -> lines.add(" " + member.getName() + ": " + member.getProblem()));
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
    if (extended || status.getMembersList().stream().anyMatch(m -> !m.getTagsMap().isEmpty())) {
      columns.add(Rows.Column.left("Tags"));
    }
    return columns;
  }

  private Map<String, @Nullable Object> row(MemberStatus member) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    boolean leader = isLeader(member);
    row.put("Cluster", status.getScope());
    row.put("Member", member.getName());
    row.put("Host", host(member));
    row.put("Role", leader ? "Leader" : "Replica");
    row.put("State", member.getState());
    if (member.hasTimeline()) {
      row.put("TL", Integer.toUnsignedLong(member.getTimeline()));
    }
    if (!leader) {
      row.put("Receive LSN", lsn(member.hasReceived(), member.getReceived()));
      if (member.hasReceiveLag()) {
        row.put("Receive Lag", rounded(member.getReceiveLag()));
      }
      row.put("Replay LSN", lsn(member.hasReplayed(), member.getReplayed()));
      if (member.hasReplayLag()) {
        row.put("Replay Lag", rounded(member.getReplayLag()));
      }
    }
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

  private static boolean isLeader(MemberStatus member) {
    return member.getRole() == Role.ROLE_PRIMARY;
  }

  private String host(MemberStatus member) {
    String host = member.getHost();
    return withPort
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
