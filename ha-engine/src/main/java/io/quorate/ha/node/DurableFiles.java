package io.quorate.ha.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;

/**
 * Small files that survive a power cut: content and directory entry are flushed before a call
 * returns. Every file made belongs to the owner of its directory.
 */
public final class DurableFiles {

  private DurableFiles() {}

  /**
   * Replaces {@code file} as a whole; readable by its owner alone, and by the group where the group
   * may read the directory.
   *
   * @throws IOException if it may not be durable; then the old content is still in place, or the
   *     new
   */
  public static void write(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".quorate-new");
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(permissions(file)))) {
      ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int _ = channel.write(bytes);
      }
      channel.force(true);
    }
    inheritOwner(temporary);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directoryOf(file));
  }

  /** Removes {@code file} if it is there, durably. Tells whether it was there. */
  public static boolean remove(Path file) throws IOException {
    boolean removed = Files.deleteIfExists(file);
    if (removed) {
      syncDirectory(directoryOf(file));
    }
    return removed;
  }

  /** Flushes the entries of {@code directory}. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** The text of {@code file}; empty text where there is none. */
  public static String readOrEmpty(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Makes {@code directory}, for its owner alone, with its parents. */
  public static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      makeDirectory(parent);
    }
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    inheritOwner(directory);
    syncDirectory(directoryOf(directory));
  }

  /**
   * Gives {@code path} to the owner of its directory. Agent and PostgreSQL are one user, so this
   * changes something only where an administrator's account acts for them.
   */
  public static void inheritOwner(Path path) throws IOException {
    PosixFileAttributeView own = view(path);
    PosixFileAttributes directory = view(directoryOf(path)).readAttributes();
    PosixFileAttributes attributes = own.readAttributes();
    UserPrincipal owner = directory.owner();
    GroupPrincipal group = directory.group();
    if (!attributes.owner().equals(owner)) {
      own.setOwner(owner);
      own.setGroup(group);
    }
  }

  private static PosixFileAttributeView view(Path path) {
    return Files.getFileAttributeView(
        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static Set<PosixFilePermission> permissions(Path file) throws IOException {
    Set<PosixFilePermission> wanted =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    Set<PosixFilePermission> directory = Files.getPosixFilePermissions(directoryOf(file));
    boolean othersShutOut = !directory.contains(PosixFilePermission.OTHERS_EXECUTE);
    if (othersShutOut && directory.contains(PosixFilePermission.GROUP_READ)) {
      wanted.add(PosixFilePermission.GROUP_READ);
    }
    return wanted;
  }

  private static Path directoryOf(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException(file + " has no directory");
    }
    return parent;
  }
}
