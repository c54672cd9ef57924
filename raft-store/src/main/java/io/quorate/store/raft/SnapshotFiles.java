package io.quorate.store.raft;

import io.quorate.store.codec.SnapshotCodec;
import io.quorate.store.machine.Position;
import io.quorate.store.machine.StoreState;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;

/** Snapshots as files, where and as Ratis looks for them. */
final class SnapshotFiles {
  private static final int BUFFER = 64 * 1024;

  private final SimpleStateMachineStorage storage;

  SnapshotFiles(SimpleStateMachineStorage storage) {
    this.storage = storage;
  }

  /**
   * Writes a snapshot of {@code state}. The log before it may be purged once this returns, so it is
   * on the disk by then, its directory entry included.
   */
  void write(StoreState state) throws IOException {
    Position position = state.position();
    File file = storage.getSnapshotFile(position.term(), RaftIndex.of(position));
    Path target = file.toPath();
    Path temporary = target.resolveSibling(target.getFileName() + ".writing");
    try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
      OutputStream buffered = new BufferedOutputStream(out, BUFFER);
      SnapshotCodec.write(state, buffered);
      buffered.flush();
      out.getFD().sync();
    }
    MD5Hash digest = digest(temporary);
    DurableFiles.rename(temporary, target);
    // A snapshot without its digest file is ignored by Ratis: the digest comes last.
    MD5FileUtil.saveMD5File(file, digest);
    DurableFiles.sync(MD5FileUtil.getDigestFileForFile(file).toPath());
    DurableFiles.syncEntry(target);
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(
            new FileInfo(target, digest), position.term(), RaftIndex.of(position)));
  }

  /**
   * The state of the latest snapshot; empty when there is none.
   *
   * @throws IOException when it cannot be read or is damaged
   */
  Optional<StoreState> latest() throws IOException {
    SingleFileSnapshotInfo info = storage.loadLatestSnapshot();
    if (info == null) {
      return Optional.empty();
    }
    Path path = info.getFile().getPath();
    // One that was sent by the leader was renamed without being synced; the log before it is gone.
    DurableFiles.sync(path);
    DurableFiles.syncEntry(path);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
      return Optional.of(SnapshotCodec.read(in));
    } catch (IOException e) {
      throw new StoreRefusedException(
          "raft.data_dir: the snapshot %s cannot be used: %s. Restore this member's storage, or"
                  .formatted(path, e.getMessage())
              + " have the others remove it and let it join anew with an empty directory.",
          e);
    }
  }

  private static MD5Hash digest(Path file) throws IOException {
    MessageDigest digest = MD5FileUtil.newMD5();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return MD5Hash.newInstance(digest.digest());
  }
}
