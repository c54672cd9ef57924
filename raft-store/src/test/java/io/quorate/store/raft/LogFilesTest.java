package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFilesTest {

  @TempDir Path dir;

  @Test
  void whatWasBeingWrittenIsWrittenAnewWithTheSameContent() throws IOException {
    Path closed = file("log_0-9", "closed");
    Path open = file("log_inprogress_10", "open\0\0\0");
    Object closedBefore = identity(closed);
    Object openBefore = identity(open);

    LogFiles.settle(dir, false);

    assertThat(identity(closed)).isEqualTo(closedBefore);
    assertThat(identity(open)).isNotEqualTo(openBefore);
    assertThat(closed).hasContent("closed");
    assertThat(open).hasContent("open\0\0\0");
    assertThat(dir.resolve("group/current").toFile().list()).hasSize(2);
  }

  @Test
  void allIsWrittenAnewAfterASyncThatFailed() throws IOException {
    Path closed = file("log_0-9", "closed");
    Object before = identity(closed);
    LogFiles.settle(dir, true);
    assertThat(identity(closed)).isNotEqualTo(before);
    assertThat(closed).hasContent("closed");
  }

  @Test
  void aLogThatBeginsAfterTheLastUsableSnapshotIsRefused() throws IOException {
    file("log_100-199", "");
    file("log_inprogress_200", "");
    assertThatThrownBy(() -> LogFiles.refuseGap(dir))
        .isInstanceOf(StoreRefusedException.class)
        .hasMessageContaining("begins with entry 100, but there is no usable snapshot");

    Path sm = Files.createDirectories(dir.resolve("group/sm"));
    Files.writeString(sm.resolve("snapshot.1_90"), "");
    Files.writeString(sm.resolve("snapshot.1_90.md5"), "");
    Files.writeString(sm.resolve("snapshot.2_99"), "");
    assertThatThrownBy(() -> LogFiles.refuseGap(dir)).hasMessageContaining("ends with entry 90");

    Files.writeString(sm.resolve("snapshot.2_99.md5"), "");
    assertThatCode(() -> LogFiles.refuseGap(dir)).doesNotThrowAnyException();
  }

  private Path file(String name, String content) throws IOException {
    Path current = Files.createDirectories(dir.resolve("group/current"));
    return Files.writeString(current.resolve(name), content);
  }

  private static Object identity(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }
}
