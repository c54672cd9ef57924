package io.quorate.ha.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.TimelineId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeFilesTest {

  private static final NodeState FULL =
      new NodeState(
          Optional.of(new DataId("00000000deadbeef")),
          new Epoch(Long.MAX_VALUE),
          Optional.of(new NodeState.HoldNote(new Epoch(41), -7)),
          List.of(
              new PromotionNote(
                  new Epoch(41),
                  new EndOfWal(new TimelineId(3), Lsn.parse("FFFFFFFF/FFFFFFF8")),
                  new TimelineId(5))),
          Optional.of(NodeState.Unfinished.REWIND));

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("state").resolve(NodeFiles.FILE_NAME);
  }

  private NodeFiles open() {
    return new NodeFiles(directory.resolve("state"));
  }

  private static boolean get(CompletionStage<Boolean> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void aStandbyIsRememberedAsOne() throws Exception {
    NodeState standby =
        NodeState.EMPTY
            .withFloorAtLeast(new Epoch(3))
            .withUnfinished(Optional.of(NodeState.Unfinished.STRAY))
            .asStandby();
    try (NodeFiles files = open()) {
      assertThat(get(files.save(standby))).isTrue();
    }
    try (NodeFiles files = open()) {
      assertThat(files.load()).isEqualTo(standby);
      assertThat(standby.withHold(Optional.of(new NodeState.HoldNote(new Epoch(4), 1))).standby())
          .as("whoever takes the key may write")
          .isFalse();
    }
  }

  @Test
  void nothingWrittenIsTheEmptyState() {
    try (NodeFiles files = open()) {
      assertThat(files.load()).isEqualTo(NodeState.EMPTY);
    }
  }

  @Test
  void everyFieldComesBack() throws Exception {
    for (NodeState state : List.of(NodeState.EMPTY, FULL)) {
      try (NodeFiles files = open()) {
        assertThat(get(files.save(state))).isTrue();
      }
      try (NodeFiles files = open()) {
        assertThat(files.load()).isEqualTo(state);
      }
    }
  }

  @Test
  void theLastOfManySavesWins() throws Exception {
    try (NodeFiles files = open()) {
      List<CompletableFuture<Boolean>> saves =
          Stream.iterate(1L, n -> n <= 50, n -> n + 1)
              .map(n -> NodeState.EMPTY.withFloorAtLeast(new Epoch(n)))
              .map(state -> files.save(state).toCompletableFuture())
              .toList();
      for (CompletableFuture<Boolean> save : saves) {
        assertThat(get(save)).isTrue();
      }
      assertThat(files.load().floor()).isEqualTo(new Epoch(50));
    }
  }

  @Test
  void onlyTheOwnerReadsIt() throws Exception {
    try (NodeFiles files = open()) {
      assertThat(get(files.save(FULL))).isTrue();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
        .isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"format\":1}",
        "{\"format\":1,\"floor\":3}",
        "{\"format\":1,\"floor\":3,\"promotions\":7}",
        "{\"format\":1,\"floor\":\"3\",\"promotions\":[]}",
        "{\"format\":1,\"floor\":-1,\"promotions\":[]}",
        "{\"format\":1,\"floor\":3.5,\"promotions\":[]}",
        "{\"format\":99999999999,\"floor\":3,\"promotions\":[]}",
        "{\"format\":1,\"floor\":3,\"promotions\":[],\"unfinished\":\"DANCE\"}",
        "{\"format\":1,\"floor\":3,\"promotions\":[],\"data_id\":\"x\"}",
        "{\"format\":1,\"floor\":3,\"promotions\":[{\"epoch\":1}]}"
      })
  void aDamagedFileIsRefusedByName(String text) throws IOException {
    Files.createDirectories(directory.resolve("state"));
    Files.writeString(file(), text);
    try (NodeFiles files = open()) {
      assertThatThrownBy(files::load)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(file().toString())
          .hasMessageContaining("is damaged");
    }
  }

  @Test
  void aFormatOfALaterVersionIsRefused() throws IOException {
    Files.createDirectories(directory.resolve("state"));
    Files.writeString(file(), "{\"format\":2,\"floor\":3,\"promotions\":[]}");
    try (NodeFiles files = open()) {
      assertThatThrownBy(files::load).hasMessageContaining("format 2 is not known");
    }
  }

  @Test
  void whatCannotBeWrittenIsToldAndTheOldStays() throws Exception {
    try (NodeFiles files = open()) {
      assertThat(get(files.save(FULL))).isTrue();
      // Something in the way of the temporary file, also for root.
      Path inTheWay = file().resolveSibling(NodeFiles.FILE_NAME + ".quorate-new");
      Files.createDirectories(inTheWay.resolve("x"));
      assertThat(get(files.save(NodeState.EMPTY))).isFalse();
      assertThat(files.load()).isEqualTo(FULL);
    }
  }
}
