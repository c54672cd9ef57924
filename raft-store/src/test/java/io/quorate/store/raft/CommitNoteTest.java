package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitNoteTest {

  @TempDir private Path group;

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(group)) {
      return files.findFirst().orElseThrow();
    }
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    assertThat(CommitNote.read(group)).isEmpty();
    for (CommitNote note :
        List.of(
            new CommitNote(1, 0),
            new CommitNote(7, 123_456),
            new CommitNote(8, 12),
            new CommitNote(Long.MAX_VALUE, Long.MAX_VALUE))) {
      note.write(group);
      assertThat(CommitNote.read(group)).isEqualTo(Optional.of(note));
    }
  }

  @Test
  void whatIsDamagedIsNone() throws IOException {
    new CommitNote(7, 123_456).write(group);
    byte[] whole = Files.readAllBytes(file());
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      Files.write(file(), changed);
      assertThat(CommitNote.read(group)).as("byte %s flipped", i).isEmpty();
      Files.write(file(), Arrays.copyOf(whole, i));
      assertThat(CommitNote.read(group)).as("cut after %s bytes", i).isEmpty();
    }
  }
}
