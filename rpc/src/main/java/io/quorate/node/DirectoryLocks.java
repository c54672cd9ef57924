package io.quorate.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two agents from working in the same directories: each would end the other's PostgreSQL. The
 * locks end with the process, however it ends.
 */
final class DirectoryLocks implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLocks.class);

  private final Deque<FileChannel> held = new ArrayDeque<>();

  private DirectoryLocks() {}

  /**
   * Locks {@code stateDir}, which is made where there is none, and {@code dataDir}, by a file
   * beside it: it has to be empty to be copied into. A witness has none.
   *
   * @throws IOException naming setting, directory and the other agent where one works there
   */
  static DirectoryLocks take(Path stateDir, Optional<Path> dataDir) throws IOException {
    DirectoryLocks locks = new DirectoryLocks();
    try {
      Files.createDirectories(stateDir);
      locks.take("state_dir", stateDir, stateDir.resolve("agent.lock"));
      if (dataDir.isPresent()) {
        locks.takeData(dataDir.get());
      }
      return locks;
    } catch (IOException | RuntimeException e) {
      locks.close();
      throw e;
    }
  }

  private void takeData(Path dataDir) throws IOException {
    Path real = Files.exists(dataDir) ? dataDir.toRealPath() : dataDir.toAbsolutePath();
    Path above = Optional.ofNullable(real.getParent()).orElse(real);
    Files.createDirectories(above);
    Path file = above.resolve("." + real.getFileName() + ".quorate.lock");
    if (Files.isWritable(Files.exists(file) ? file : above)) {
      take("postgresql.data_dir", dataDir, file);
    } else {
      LOG.debug("{} may not be written: {} is not locked", above, dataDir);
    }
  }

  private void take(String setting, Path directory, Path file) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      throw new IOException(setting + ": no permission for " + file, e);
    }
    held.push(channel);
    if (lock(channel) == null) {
      throw new IOException(
          "%s: another agent%s works in %s: stop it, or give each member directories of its own"
              .formatted(setting, holder(channel), directory));
    }
    try {
      channel.truncate(0);
      int _ =
          channel.write(
              ByteBuffer.wrap(
                  (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      // Only for people; the lock stands, also on a full disk.
      LOG.debug("{} cannot be written: {}", file, e.getMessage());
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(20);
    int _ = channel.read(content, 0);
    String pid = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII);
    return pid.isBlank() ? "" : " (process " + pid.strip() + ")";
  }

  @Override
  public void close() throws IOException {
    while (!held.isEmpty()) {
      held.pop().close();
    }
  }
}
