package io.quorate.ha.postgres;

/** Which settings of a running server wait for its next start. */
final class PendingSettings {

  /**
   * Name, value in force, value at the next start. What stands on the command line hides the files
   * from PostgreSQL, so that it does not know of these: they are compared here.
   */
  static final String SQL =
      """
      WITH f AS MATERIALIZED (
        SELECT DISTINCT ON (name) name, setting FROM pg_file_settings
        WHERE name IS NOT NULL ORDER BY name, seqno DESC)
      SELECT s.name, current_setting(s.name), coalesce(f.setting, '?')
      FROM pg_settings s LEFT JOIN f ON f.name = s.name
      WHERE s.pending_restart OR (s.source = 'command line' AND s.context = 'postmaster'
        AND CASE WHEN s.vartype = 'bool' THEN f.setting::bool <> s.setting::bool
          ELSE f.setting <> s.setting END)
      ORDER BY s.name
      """;

  private PendingSettings() {}
}
