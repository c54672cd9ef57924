package io.quorate.node;

import io.quorate.ha.model.NodeState;
import io.quorate.ha.node.NodeFiles;
import io.quorate.node.config.NodeConfig;
import java.io.UncheckedIOException;

/**
 * A database host does not become a witness by a changed file alone: its PostgreSQL may run on, and
 * what it promised and owns stands in its notes.
 */
final class FormerDatabase {

  private FormerDatabase() {}

  /**
   * Sees that a witness was no database host before.
   *
   * @throws StartRefusedException with what to do, if it was
   */
  static void refuse(NodeConfig config, NodeFiles notes) {
    if (config.postgres().isPresent()) {
      return;
    }
    NodeState state;
    try {
      state = notes.load();
    } catch (UncheckedIOException e) {
      throw new StartRefusedException("state_dir: " + e.getMessage(), e);
    }
    if (state.dataId().isPresent() || state.hold().isPresent()) {
      throw new StartRefusedException(
          "witness: this member was a database host, as %s says. To go on as a witness: stop its"
                  .formatted(config.stateDir().resolve(NodeFiles.FILE_NAME))
              + " PostgreSQL if it still runs, and remove that file; the cluster does without its"
              + " data then. To stay a database host: remove 'witness: true' and put the section"
              + " 'postgresql' back");
    }
  }
}
