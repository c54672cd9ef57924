package io.quorate.node.config;

import java.util.List;

/**
 * Reads {@code witness}: whether this member votes in the store without a PostgreSQL of its own. A
 * file has to say one thing or the other, since a section left out by mistake would make a database
 * host into a mere voter, and a section left in would look as if it had a meaning.
 */
final class MemberKind {

  /** Tags of members that may be primary, or be read from. */
  private static final List<String> TAGS_OF_DATABASES =
      List.of("nofailover", "failover_priority", "clonefrom", "noloadbalance", "nosync");

  private MemberKind() {}

  /** Whether there is a PostgreSQL to read of; records what contradicts that, or is missing. */
  static boolean hasPostgres(Section root, Validation validation) {
    boolean witness = root.flag("witness", false);
    boolean database = root.has("postgresql");
    if (witness && database) {
      root.error(
          "witness",
          "a witness has no PostgreSQL, but the file has a section 'postgresql': remove the"
              + " section, or remove 'witness: true' to make this member a database host");
    }
    if (!witness && !database) {
      validation.error(
          0,
          "postgresql",
          "is missing: add the section on a database host, or set 'witness: true' at the top of"
              + " the file on a member that only votes in the store");
    }
    if (witness) {
      withoutUse(root);
    }
    return database;
  }

  private static void withoutUse(Section root) {
    Section bootstrap = root.section("bootstrap");
    PostgresSection.checkShared(bootstrap.section("dcs").section("postgresql"));
    List.of("initdb", "pg_hba").stream()
        .filter(bootstrap::has)
        .forEach(key -> bootstrap.ignored(key, "a witness never makes a database"));
    Section tags = root.section("tags");
    TAGS_OF_DATABASES.stream()
        .filter(tags::has)
        .forEach(tag -> tags.ignored(tag, "published, but a witness has no PostgreSQL"));
  }
}
