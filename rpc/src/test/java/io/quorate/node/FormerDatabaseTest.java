package io.quorate.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.node.NodeFiles;
import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a witness was a database host before, as its notes tell. */
final class FormerDatabaseTest {

  private static final String FILE =
      """
      scope: demo
      name: a
      witness: true
      state_dir: STATE
      restapi: {listen: 127.0.0.1:8008}
      raft:
        members:
          - {name: a, address: 127.0.0.1:2380}
      """;

  @TempDir private Path dir;
  private NodeConfig witness;
  private NodeFiles notes;

  @BeforeEach
  void begin() throws IOException {
    Path file = dir.resolve("node.yml");
    Files.writeString(file, FILE.replace("STATE", dir.toString()));
    ConfigResult result = ConfigLoader.withEnvironment(Map.of()).load(file);
    assertThat(result).as("%s", result).isInstanceOf(ConfigResult.Valid.class);
    witness = ((ConfigResult.Valid) result).config();
    notes = new NodeFiles(dir);
  }

  private void wrote(NodeState state) {
    assertThat(notes.save(state).toCompletableFuture().join()).isTrue();
  }

  private void refused(String text) {
    assertThatThrownBy(() -> FormerDatabase.refuse(witness, notes))
        .isInstanceOf(StartRefusedException.class)
        .hasMessage(text);
  }

  @Test
  void whoeverNeverWasOneStarts() {
    assertThatCode(() -> FormerDatabase.refuse(witness, notes)).doesNotThrowAnyException();
    wrote(NodeState.EMPTY.withPaused(true));
    assertThatCode(() -> FormerDatabase.refuse(witness, notes)).doesNotThrowAnyException();
  }

  @Test
  void whoeverOwnsDataOrTheKeyDoesNotAndSaysWhatToDo() {
    String text =
        "witness: this member was a database host, as %s says. To go on as a witness: stop its"
                .formatted(dir.resolve("node-state.json"))
            + " PostgreSQL if it still runs, and remove that file; the cluster does without its"
            + " data then. To stay a database host: remove 'witness: true' and put the section"
            + " 'postgresql' back";
    wrote(NodeState.EMPTY.withDataId(Optional.of(new DataId("0123456789abcdef"))));
    refused(text);
    wrote(NodeState.EMPTY.withHold(Optional.of(new NodeState.HoldNote(new Epoch(4), 1))));
    refused(text);
  }

  @Test
  void damagedNotesAreNotTakenForNone() throws IOException {
    Files.writeString(dir.resolve(NodeFiles.FILE_NAME), "{");
    assertThatThrownBy(() -> FormerDatabase.refuse(witness, notes))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageStartingWith("state_dir: ")
        .hasMessageContaining(NodeFiles.FILE_NAME);
  }
}
