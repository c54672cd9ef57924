package io.quorate.jepsen.linear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.jepsen.real.HostNetwork;
import io.quorate.jepsen.real.SlowCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What befalls the storage of one member of a store in real processes: it is noticed, the others go
 * on, what was acknowledged stays, and the documented remedy brings the member back.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StoreFaultsIT {

  private static final int SNAPSHOT_ENTRIES = 100;

  /** After this the others have heard what the member has. */
  private static final Duration HEARD = Duration.ofMillis(2_500);

  /** Of Ratis' log: a header, then entries, each behind its length and followed by its checksum. */
  private static final int LOG_HEADER = 8;

  private static final int LOG_CHECKSUM = 4;

  private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_\\d+");

  private final List<String> acknowledged = new ArrayList<>();
  private StoreGroup group;
  private int victim;

  @BeforeAll
  void start() {
    group = StoreGroup.start(HostNetwork.loopback(), SNAPSHOT_ENTRIES);
    write(3 * SNAPSHOT_ENTRIES);
  }

  @AfterAll
  void stop() {
    group.close();
  }

  @BeforeEach
  void choose() {
    victim = leader() % StoreGroup.SIZE + 1;
  }

  /** Whatever was done: all are there again, with all that was acknowledged, and equal. */
  @AfterEach
  void nothingIsLost() {
    group.awaitComplete();
    assertThat(group.difference()).isEmpty();
    // Equal to the others by now, so that what is here is everywhere.
    for (String key : acknowledged) {
      assertThat(ask(victim, "local " + key)).isEqualTo("done " + key);
    }
  }

  private int leader() {
    StoreGroup.await("a leader", () -> group.leader().isPresent());
    return group.leader().orElseThrow();
  }

  private int other() {
    return victim % StoreGroup.SIZE + 1;
  }

  private String ask(int member, String command) {
    return RegisterClient.answer(group.member(member), command);
  }

  /** Through a member that nothing befalls. */
  private void write(int count) {
    for (int i = 0; i < count; i++) {
      String key = "f/" + acknowledged.size();
      int through = victim == 0 ? 1 : other();
      StoreGroup.await(
          "a write", () -> ask(through, "put %s %s 0".formatted(key, key)).startsWith("done"));
      acknowledged.add(key);
    }
  }

  private void refuses(String... why) {
    String said = group.openRefused(victim);
    assertThat(said).contains("StoreRefusedException: raft.data_dir: ").contains(why);
    write(3);
  }

  /**
   * Emptied; taken back to an older copy; the whole host taken back, where both copies of the
   * identity fit each other and only the others know that there was more.
   */
  @Test
  void storageThatWasEmptiedOrPutBackIsRefused() throws IOException {
    group.member(victim).kill();
    Path copy = group.home(victim).resolve("copy");
    copyTree(group.data(victim), copy);
    byte[] identity = Files.readAllBytes(group.identityCopy(victim));
    group.open(victim);
    group.awaitComplete();
    write(5);
    StoreGroup.pause(HEARD);

    group.wipe(victim);
    refuses("holds no identity", "emptied or exchanged");
    group.wipe(victim);
    copyTree(copy, group.data(victim));
    refuses("restored from an older copy");
    Files.write(group.identityCopy(victim), identity);
    refuses("was put back to an earlier state", "quorate member replace");

    group.wipe(victim);
    group.replace(victim);
  }

  /** Nothing is dropped, so that the member comes back with the file as it was. */
  @Test
  void aDamagedFileIsRefused() throws IOException {
    group.member(victim).kill();
    Path segment = openSegment();
    byte[] log = Files.readAllBytes(segment);
    refusesWith(segment, flipped(log, end(log) / 2), "cannot be used", "nothing was dropped");
    Path snapshot = lastSnapshot();
    byte[] state = Files.readAllBytes(snapshot);
    refusesWith(snapshot, flipped(state, state.length / 2), "the snapshot ");
    refusesWith(snapshot, Arrays.copyOf(state, state.length / 2), "the snapshot ");
    group.open(victim);
  }

  private void refusesWith(Path file, byte[] content, String... why) throws IOException {
    byte[] before = Files.readAllBytes(file);
    Files.write(file, content);
    refuses(why);
    Files.write(file, before);
  }

  private static byte[] flipped(byte[] content, int at) {
    byte[] damaged = content.clone();
    damaged[at] ^= 0x20;
    return damaged;
  }

  /**
   * A crash in the middle of a write leaves something behind that nobody was told of. But an end
   * that was acknowledged and is gone is no crash: the disk has lost what it had flushed.
   */
  @Test
  void aTornTailIsDroppedAndALostEndRefused() throws IOException {
    write(5);
    StoreGroup.pause(HEARD);
    group.member(victim).kill();
    Path file = openSegment();
    byte[] content = Files.readAllBytes(file);
    int end = end(content);
    refusesWith(file, Arrays.copyOf(content, end - 150), "was put back to an earlier state");
    // The length of an entry that never came.
    byte[] torn = Arrays.copyOf(content, end + 1);
    torn[end] = 60;
    Files.write(file, torn);
    group.open(victim);
    write(3);
  }

  @Test
  void aLeaderWhoseFlushesFailGivesUpAndComesBackByItself() {
    victim = leader();
    try (SlowCalls _ = SlowCalls.failingDisk(group.member(victim).pid())) {
      write(3);
      StoreGroup.await("it says so", () -> ask(victim, "problem").contains("Raft server"));
      assertThat(leader()).isNotEqualTo(victim);
      // Served by the others.
      assertThat(ask(victim, "get " + acknowledged.getLast())).startsWith("done f/");
    }
    StoreGroup.await("it is well again", () -> ask(victim, "problem").equals("-"));
    write(3);
  }

  @Test
  void aFullDiskIsSaidAndSurvived() throws IOException, InterruptedException {
    boolean root = "root".equals(System.getProperty("user.name"));
    if (!root) {
      System.err.println("SKIPPED StoreFaultsIT aFullDiskIsSaidAndSurvived: mounting needs root");
    }
    assumeTrue(root, "mounting needs root");
    group.wipe(victim);
    Files.delete(group.identityCopy(victim));
    Path home = group.home(victim);
    run("mount", "-t", "tmpfs", "-o", "size=32m", "quorate", home.toString());
    try {
      group.replace(victim);
      group.awaitComplete();
      Path filler = home.resolve("filler");
      fill(filler);
      StoreGroup.await(
          "it says so",
          () -> {
            write(20);
            return ask(victim, "problem").contains("Raft server");
          });
      assertThat(ask(victim, "get " + acknowledged.getLast())).startsWith("done f/");
      Files.delete(filler);
      StoreGroup.await("it is well again", () -> ask(victim, "problem").equals("-"));
      nothingIsLost();
      group.wipe(victim);
    } finally {
      group.member(victim).kill();
      run("umount", home.toString());
    }
    group.replace(victim);
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[1 << 16];
    try (var out = Files.newOutputStream(file)) {
      for (int i = 0; i < 1_000; i++) {
        out.write(block);
      }
      throw new AssertionError("it is not full");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private Path openSegment() throws IOException {
    try (Stream<Path> files = Files.walk(group.data(victim))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Behind what was written: zeros follow that were allocated before. */
  private static int end(byte[] content) {
    ByteBuffer log = ByteBuffer.wrap(content).position(LOG_HEADER);
    while (true) {
      int begin = log.position();
      int length = length(log);
      if (length == 0) {
        return begin;
      }
      log.position(log.position() + length + LOG_CHECKSUM);
    }
  }

  /** Of the next entry, as protobuf writes it; zero behind the last one. */
  private static int length(ByteBuffer log) {
    int length = 0;
    for (int shift = 0; log.hasRemaining(); shift += 7) {
      byte next = log.get();
      length |= (next & 0x7f) << shift;
      if (next >= 0) {
        return length;
      }
    }
    return 0;
  }

  private Path lastSnapshot() throws IOException {
    try (Stream<Path> files = Files.walk(group.data(victim))) {
      return files
          .filter(file -> SNAPSHOT.matcher(file.getFileName().toString()).matches())
          .max(Comparator.comparingLong(StoreFaultsIT::index))
          .orElseThrow();
    }
  }

  private static long index(Path snapshot) {
    String name = snapshot.getFileName().toString();
    return Long.parseLong(name.substring(name.lastIndexOf('_') + 1));
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }
}
