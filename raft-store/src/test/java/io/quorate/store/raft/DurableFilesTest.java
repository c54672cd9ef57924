package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFilesTest {

  @TempDir private Path root;

  @Test
  void noOtherUserReadsWhatIsInTheDirectoriesMade() throws Exception {
    Path file = root.resolve("state").resolve("store").resolve("identity");
    DurableFiles.write(file, "x".getBytes(StandardCharsets.US_ASCII));
    assertThat(Files.readString(file)).isEqualTo("x");
    for (Path made : new Path[] {root.resolve("state"), root.resolve("state").resolve("store")}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
  }
}
