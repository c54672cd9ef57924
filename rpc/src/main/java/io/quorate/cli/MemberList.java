package io.quorate.cli;

import io.quorate.ha.model.Lsn;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A cluster's members in patronictl's columns, as a table or as JSON. */
final class MemberList {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
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

  /** The table, and what else there is to say. */
  List<String> pretty() {
    boolean tags = status.getMembersList().stream().anyMatch(m -> !m.getTagsMap().isEmpty());
    List<String> headers =
        new ArrayList<>(
            List.of(
                "Member",
                "Host",
                "Role",
                "State",
                "TL",
                "Receive LSN",
                "Lag",
                "Replay LSN",
                "Lag"));
    if (tags) {
      headers.add("Tags");
    }
    Table table = new Table(headers, Set.of(4, 5, 6, 7, 8));
    for (MemberStatus member : status.getMembersList()) {
      table.add(row(member, tags));
    }
    String system = status.getSystemIdentifier();
    List<String> lines =
        table.lines(
            "Cluster: "
                + status.getScope()
                + " ("
                + (system.isEmpty() ? "uninitialized" : system)
                + ")");
    if (status.getSettings().getPaused()) {
      lines.add(" Maintenance mode: on");
    }
    status.getMembersList().stream()
        .filter(member -> !member.getProblem().isEmpty())
        .forEach(member -> lines.add(" " + member.getName() + ": " + member.getProblem()));
    return lines;
  }

  private List<String> row(MemberStatus member, boolean tags) {
    boolean leader = isLeader(member);
    List<String> row = new ArrayList<>();
    row.add(member.getName());
    row.add(host(member));
    row.add(leader ? "Leader" : "Replica");
    row.add(member.getState());
    row.add(member.hasTimeline() ? Integer.toUnsignedString(member.getTimeline()) : "");
    row.add(leader ? "" : lsn(member.hasReceived(), member.getReceived()));
    row.add(member.hasReceiveLag() ? Long.toString(rounded(member.getReceiveLag())) : "");
    row.add(leader ? "" : lsn(member.hasReplayed(), member.getReplayed()));
    row.add(member.hasReplayLag() ? Long.toString(rounded(member.getReplayLag())) : "");
    if (tags) {
      row.add(tags(member));
    }
    return row;
  }

  /** A JSON array of one object for each member; what is not known is left out. */
  String json() {
    ArrayNode array = MAPPER.createArrayNode();
    for (MemberStatus member : status.getMembersList()) {
      boolean leader = isLeader(member);
      ObjectNode node = array.addObject();
      node.put("Cluster", status.getScope());
      node.put("Member", member.getName());
      node.put("Host", host(member));
      node.put("Role", leader ? "Leader" : "Replica");
      node.put("State", member.getState());
      if (member.hasTimeline()) {
        node.put("TL", Integer.toUnsignedLong(member.getTimeline()));
      }
      if (!leader) {
        node.put("Receive LSN", lsn(member.hasReceived(), member.getReceived()));
        if (member.hasReceiveLag()) {
          node.put("Receive Lag", rounded(member.getReceiveLag()));
        }
        node.put("Replay LSN", lsn(member.hasReplayed(), member.getReplayed()));
        if (member.hasReplayLag()) {
          node.put("Replay Lag", rounded(member.getReplayLag()));
        }
      }
      if (!member.getTagsMap().isEmpty()) {
        ObjectNode tags = node.putObject("Tags");
        new TreeMap<>(member.getTagsMap()).forEach((key, value) -> tag(tags, key, value));
      }
    }
    return MAPPER.writeValueAsString(array);
  }

  private static void tag(ObjectNode tags, String key, String value) {
    switch (value) {
      case "true" -> tags.put(key, true);
      case "false" -> tags.put(key, false);
      default -> {
        if (value.matches("-?(0|[1-9][0-9]{0,8})")) {
          tags.put(key, Integer.parseInt(value));
        } else {
          tags.put(key, value);
        }
      }
    }
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

  private static String tags(MemberStatus member) {
    return new TreeMap<>(member.getTagsMap())
        .entrySet().stream()
            .map((Map.Entry<String, String> tag) -> tag.getKey() + ": " + tag.getValue())
            .collect(Collectors.joining("\n"));
  }
}
