package io.quorate.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories are looked at before anything is started. */
final class DirectoriesTest {

  @TempDir private Path dir;

  private final Directories directories = Directories.ofThisProcess();

  @Test
  void acceptsWhatIsThereOrCanBeMade() {
    assertThat(directories.objection("state_dir", dir)).isEmpty();
    assertThat(directories.objection("state_dir", dir.resolve("a/b/c"))).isEmpty();
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void namesAFileInTheWay() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    assertThat(directories.objection("state_dir", file))
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("state_dir: " + file + " is not a directory: "));
    assertThat(directories.objection("raft.data_dir", file.resolve("raft")))
        .hasValueSatisfying(text ->
            assertThat(text)
                .startsWith("raft.data_dir: " + file + "/raft cannot be made, because ")
                .contains(file + " is not a directory"));
  }

  @Test
  void namesUserOwnerAndRemedyWhereItMayNotWrite() throws IOException {
    Path closed = Files.createDirectory(dir.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    String owner = Files.getOwner(closed).getName();
    // By the permissions alone: root may write anywhere.
    Directories db = new Directories("db", DirectoriesTest::ownerMayWrite);
    assertThat(db.objection("state_dir", dir)).isEmpty();
    assertThat(db.objection("state_dir", closed))
        .hasValueSatisfying(text ->
            assertThat(text)
                .contains("the user 'db', whom the agent runs as, may not write to ")
                .contains(owner + " r-xr-xr-x")
                .contains("chown db"));
    assertThat(db.objection("state_dir", closed.resolve("x")))
        .hasValueSatisfying(
            text -> assertThat(text).contains("may not make it in ").contains("install -d -o db"));
  }

  @Test
  void judgesByWhatThisProcessMay() throws IOException {
    Path closed = Files.createDirectory(dir.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    assertThat(directories.objection("state_dir", closed).isEmpty())
        .isEqualTo(Files.isWritable(closed));
  }

  private static boolean ownerMayWrite(Path directory) {
    try {
      return Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OWNER_WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rootIsToldWhomToBe() {
    assertThatThrownBy(() -> new Directories("root", _ -> true).refuseRoot())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("runuser -u postgres -- quorate run");
    new Directories("postgres", _ -> true).refuseRoot();
  }
}
