package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;

/**
 * Makes a store of one voter from the storage of a member that does not run, when a majority of the
 * voters is lost for good. Whatever only the lost ones had is lost with them, acknowledged or not.
 *
 * <p>The new store has another id than the one before, so that the lost voters, should they come
 * back after all, are strangers to it, and its member another incarnation. It remembers the store
 * that it replaces, and tells members of that one to stand down.
 */
public final class MajorityRecovery {
  private static final String CONFIGURATION = "raft-meta.conf";
  private static final String LOCK = "in_use.lock";

  private final RaftStoreConfig config;
  private final IdentityFiles files;
  private final Identity identity;
  private final Path group;
  private final Found found;

  /**
   * What the storage holds.
   *
   * @param store id of the store
   * @param others the voters beside this one, by the latest configuration in the log
   * @param term of the last entry; of two survivors the one with the higher term, and then with the
   *     higher index, has more
   * @param index of the last entry
   * @param written when the log was written last
   */
  public record Found(
      UUID store, List<Voter> others, long term, long index, Optional<Instant> written) {}

  /**
   * A voter that is given up.
   *
   * @param memberAddress where its member service was reached, {@code host:port}
   */
  public record Voter(String name, String id, String raftAddress, String memberAddress) {}

  private MajorityRecovery(
      RaftStoreConfig config, IdentityFiles files, Identity identity, Path group, Found found) {
    this.config = config;
    this.files = files;
    this.identity = identity;
    this.group = group;
    this.found = found;
  }

  /**
   * Looks at the storage and changes nothing.
   *
   * @throws StoreRefusedException when it cannot be recovered from, with the reason
   */
  public static MajorityRecovery examine(RaftStoreConfig config) throws IOException {
    IdentityFiles files = new IdentityFiles(config);
    Identity identity = files.stopped();
    Path group = group(files.logDir());
    refuseRunning(group);
    LogFiles.refuseGap(files.logDir());
    return new MajorityRecovery(config, files, identity, group, read(identity, group));
  }

  /** What was found. */
  public Found found() {
    return found;
  }

  /** One that was interrupted has renamed the directory, or not; there is one in any case. */
  private static Path group(Path logDir) throws IOException {
    try (Stream<Path> entries = Files.list(logDir)) {
      List<Path> groups = entries.filter(Files::isDirectory).toList();
      if (groups.size() != 1) {
        throw new StoreRefusedException(
            "raft.data_dir: %s holds %d stores; one is needed to recover from"
                .formatted(logDir, groups.size()));
      }
      return groups.getFirst();
    }
  }

  private static void refuseRunning(Path group) throws IOException {
    Path lock = group.resolve(LOCK);
    if (!Files.exists(lock)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held != null) {
        return;
      }
    } catch (OverlappingFileLockException _) {
      // Held within this process.
    }
    throw new StoreRefusedException(
        "raft.data_dir: %s is in use: stop this member's agent first".formatted(group));
  }

  private static Found read(Identity identity, Path group) throws IOException {
    LogTail tail = LogTail.read(group, false);
    Path stored = group.resolve(LogTail.CURRENT).resolve(CONFIGURATION);
    if (Files.exists(stored)) {
      try (InputStream in = Files.newInputStream(stored)) {
        tail.configuration(LogEntryProto.parseFrom(in));
      }
    }
    if (tail.peers().isEmpty()) {
      throw new StoreRefusedException(
          "raft.data_dir: %s holds no list of voters: there is nothing to recover"
              .formatted(group));
    }
    return new Found(
        identity.group().orElseThrow(),
        tail.peers().stream()
            .map(peer ->
                new Voter(
                    Identity.nameOf(peer.getId().toStringUtf8()),
                    peer.getId().toStringUtf8(),
                    peer.getAddress(),
                    peer.getClientAddress()))
            .filter(voter -> !voter.name().equals(identity.name()))
            .distinct()
            .toList(),
        tail.term(),
        tail.index(),
        tail.written());
  }

  /**
   * Makes this member the only voter of a new store with what it has. To be repeated when it was
   * interrupted: until the last step the member does not start.
   *
   * @return the new store's id
   */
  public UUID recover() throws IOException {
    byte[] random = new byte[6];
    new SecureRandom().nextBytes(random);
    UUID store = UUID.randomUUID();
    Identity renewed = identity.recovered(store, HexFormat.of().formatHex(random));
    DurableFiles.write(
        group.resolve(LogTail.CURRENT).resolve(CONFIGURATION),
        configuration(renewed).toByteArray());
    Path target = Invariant.present(group.getParent(), "no parent").resolve(store.toString());
    DurableFiles.rename(group, target);
    files.update(renewed);
    return store;
  }

  /** Counts from behind the last entry on, so that no entry of the log overrules it. */
  private LogEntryProto configuration(Identity renewed) {
    RaftStoreConfig.Member self = config.self();
    return LogEntryProto.newBuilder()
        .setTerm(found.term())
        .setIndex(found.index() + 1)
        .setConfigurationEntry(
            RaftConfigurationProto.newBuilder()
                .addPeers(
                    RatisPeers.peer(
                            new Voters.Peer(
                                renewed.peer(),
                                self.address().toString(),
                                self.memberAddress().toString()))
                        .getRaftPeerProto()))
        .build();
  }
}
