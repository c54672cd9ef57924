package io.quorate.store.raft;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * How far a voter's storage has come: neither ever falls, whatever happens to the process. A voter
 * that is found with less than it was heard to have was put back to an earlier state.
 *
 * @param term the highest it has seen
 * @param index the last entry that it holds and knows to be committed; such entries are never
 *     dropped
 */
record Standing(long term, long index) {
  static final Standing NONE = new Standing(0, 0);

  private static final String META = "current/raft-meta";

  Standing max(Standing other) {
    return new Standing(Math.max(term, other.term), Math.max(index, other.index));
  }

  /** Whether storage that has come as far as this may be that of one who said {@code heard}. */
  boolean reaches(Standing heard) {
    return term >= heard.term && index >= heard.index;
  }

  /**
   * Of a group's storage that nobody uses now; empty where it cannot be read, which Raft's server
   * finds as well, and says why.
   */
  static Optional<Standing> of(Path group) {
    Properties meta = new Properties();
    try (Reader in = Files.newBufferedReader(group.resolve(META), StandardCharsets.UTF_8)) {
      meta.load(in);
      LogTail tail = LogTail.read(group, true);
      return Optional.of(new Standing(Long.parseLong(meta.getProperty("term", "")), tail.index()));
    } catch (IOException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
