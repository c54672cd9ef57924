package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which members a verb is about. */
final class MemberSelection {

  @Parameters(
      paramLabel = "MEMBER",
      description = "Members; default: all that fit and are no witness.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = {"-r", "--role"},
      paramLabel = "ROLE",
      description = "Only members in this role: primary, replica or any; default any.")
  private Optional<String> role = Optional.empty();

  MemberSelection() {}

  /** As the service names the role asked for; empty: any. */
  String role() {
    return switch (asked()) {
      case "primary", "leader", "master" -> "primary";
      case "replica", "standby" -> "replica";
      default -> "";
    };
  }

  private String asked() {
    return role.orElse("any").toLowerCase(Locale.ROOT);
  }

  /** Whether members were named one by one. */
  boolean isNamed() {
    return !names.isEmpty();
  }

  /**
   * The members meant, standbys first and the primary last: the order in which they can be dealt
   * with while the others serve.
   *
   * @throws CliException if a name is unknown, or nobody is left
   */
  List<MemberStatus> of(ClusterStatus status) {
    known(names, status);
    List<MemberStatus> chosen =
        status.getMembersList().stream()
            .filter(member ->
                names.isEmpty()
                    ? member.getRole() != Role.ROLE_WITNESS
                    : names.contains(member.getName()))
            .filter(this::hasRole)
            .sorted(
                Comparator.comparing((MemberStatus m) -> m.getRole() == Role.ROLE_PRIMARY)
                    .thenComparing(MemberStatus::getName))
            .toList();
    if (chosen.isEmpty()) {
      throw new CliException(
          "no member fits: --role is "
              + asked()
              + (names.isEmpty() ? "" : ", named are " + String.join(", ", names)));
    }
    return chosen;
  }

  /**
   * Refuses a name that is no member's.
   *
   * @throws CliException naming those that are
   */
  static void known(List<String> names, ClusterStatus status) {
    if (names.stream().anyMatch(String::isBlank)) {
      throw new CliException.WrongUse("a member's name is empty");
    }
    List<String> known = status.getMembersList().stream().map(MemberStatus::getName).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new CliException(
            "no agent of the name " + name + " is there; there are " + String.join(", ", known));
      }
    }
  }

  private boolean hasRole(MemberStatus member) {
    boolean primary = member.getRole() == Role.ROLE_PRIMARY;
    return switch (asked()) {
      case "any" -> true;
      case "primary", "leader", "master" -> primary;
      case "replica", "standby" -> member.getRole() == Role.ROLE_STANDBY;
      default ->
          throw new CliException.WrongUse(
              "--role must be primary, replica or any, is '" + role.orElse("") + "'");
    };
  }
}
