package io.quorate.store.raft;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The two copies of a member's identity: one in the data directory, one outside. Both are durable
 * before the Raft server is built, and each start is noted in both. That is how storage that was
 * emptied, exchanged or restored from a backup is told from storage that merely stood still.
 */
final class IdentityFiles {
  /** In the data directory. */
  static final String MARKER = "identity";

  /** In the data directory: what Raft itself keeps. */
  static final String LOG_DIR = "log";

  private static final String FORMAT = "1";
  private static final String REJOIN =
      " If the storage is really lost: have the others remove the old identity of this member,"
          + " delete %s and %s, and start; the member then joins as a new one.";

  private final String name;
  private final Path dataDir;
  private final Path marker;
  private final Path copy;

  IdentityFiles(RaftStoreConfig config) {
    this.name = config.name();
    this.dataDir = config.dataDir();
    this.marker = dataDir.resolve(MARKER);
    this.copy = config.identityCopy();
  }

  Path logDir() {
    return dataDir.resolve(LOG_DIR);
  }

  /**
   * Reads the identity, or makes one on storage that was never used, and notes this start.
   *
   * @param incarnation source of randomness for a new one
   * @throws StoreRefusedException when the storage is not what it was at the last start
   */
  Identity open(Supplier<String> incarnation) throws IOException {
    DurableFiles.createDirectories(dataDir);
    DurableFiles.createDirectories(logDir());
    Optional<Stored> own = read(marker);
    Optional<Stored> other = read(copy);
    Identity found = own.isPresent() ? existing(own.get(), other) : fresh(other, incarnation);
    checkLog(found);
    return begin(found);
  }

  /**
   * Reads the identity of a member that does not run, and notes nothing.
   *
   * @throws StoreRefusedException when it never belonged to a group, or the copies do not fit
   */
  Identity stopped() throws IOException {
    Optional<Stored> own = read(marker);
    Optional<Stored> other = read(copy);
    if (own.isEmpty() || !own.get().identity().joined()) {
      throw refused(
          "raft.data_dir: %s holds no store that this member belongs to. Recover on a member that"
              + " was a voter.",
          dataDir);
    }
    boolean interrupted =
        own.get().identity().group().filter(group -> replaces(other, group)).isPresent();
    return existing(own.get(), interrupted ? Optional.empty() : other);
  }

  /** A recovery writes the copy first. */
  private static boolean replaces(Optional<Stored> stored, UUID group) {
    return stored.filter(found -> found.identity().replaced().contains(group)).isPresent();
  }

  /** Whether the storage of the member's group is there, at least its beginning. */
  boolean complete(Identity identity) throws IOException {
    if (identity.group().isEmpty()) {
      return false;
    }
    Path meta = meta(identity.group().get());
    return Files.isRegularFile(meta) && Files.size(meta) > 0;
  }

  /** How far the storage of its group has come; empty where that cannot be read. */
  Optional<Standing> standing(Identity identity) {
    return identity.group().flatMap(group -> Standing.of(logDir().resolve(group.toString())));
  }

  private Path meta(UUID group) {
    return logDir().resolve(group.toString()).resolve("current/raft-meta");
  }

  /** Makes a change of the identity durable in both places. */
  Identity update(Identity changed) throws IOException {
    write(copy, new Stored(changed, changed.start()));
    write(marker, new Stored(changed, changed.start()));
    return changed;
  }

  /** Notes a start: announced in the copy, made in the marker, confirmed in the copy. */
  private Identity begin(Identity found) throws IOException {
    Identity next = found.nextStart();
    write(copy, new Stored(found, next.start()));
    write(marker, new Stored(next, next.start()));
    write(copy, new Stored(next, next.start()));
    return next;
  }

  private Identity fresh(Optional<Stored> other, Supplier<String> incarnation) throws IOException {
    if (other.isPresent()) {
      throw refused(
          "raft.data_dir: %s holds no identity, but %s says that this member's store was there as"
              + " %s. The directory was emptied or exchanged, or is not mounted. Starting under"
              + " the old identity could lose acknowledged writes, so it is refused."
              + " Mount or restore the directory as it was."
              + REJOIN,
          dataDir,
          copy,
          other.get().identity().peer(),
          dataDir,
          copy);
    }
    if (!isEmpty(logDir())) {
      throw refused(
          "raft.data_dir: %s holds a log but no identity (the file %s is missing), so it cannot be"
              + " told whose log this is. Restore that file, or use an empty directory.",
          dataDir, marker);
    }
    return Identity.fresh(name, incarnation.get());
  }

  private Identity existing(Stored own, Optional<Stored> other) throws IOException {
    Identity identity = own.identity();
    if (!identity.name().equals(name)) {
      throw refused(
          "raft.data_dir: %s belongs to member '%s', but this member's name is '%s'. Correct"
              + " 'name' or 'raft.data_dir'.",
          dataDir, identity.name(), name);
    }
    if (other.isEmpty()) {
      return identity;
    }
    Stored second = other.get();
    boolean sameLife = second.identity().incarnation().equals(identity.incarnation());
    boolean inStep =
        second.identity().start() == identity.start() || second.announced() == identity.start();
    if (!sameLife || !inStep) {
      throw refused(
          "raft.data_dir: %s (%s, start %d) and raft.identity_copy: %s (%s, start %d) do not"
              + " belong together: one of them was restored from an older copy or comes from"
              + " elsewhere. A voter that forgot its votes could lose acknowledged writes, so"
              + " starting is refused."
              + REJOIN,
          dataDir,
          identity.peer(),
          identity.start(),
          copy,
          second.identity().peer(),
          second.identity().start(),
          dataDir,
          copy);
    }
    return identity;
  }

  /** Raft would format what it does not find, and forget its vote; so it is looked at before. */
  private void checkLog(Identity identity) throws IOException {
    if (identity.group().isEmpty()) {
      if (!isEmpty(logDir())) {
        throw refused(
            "raft.data_dir: %s holds a log although %s never joined a group; the directory was"
                + " mixed up. Restore it as it was, or use an empty directory.",
            logDir(), identity.peer());
      }
      return;
    }
    boolean complete = complete(identity);
    if (identity.joined() && !complete) {
      throw refused(
          "raft.data_dir: %s is missing or empty although %s belongs to a group: the log was"
              + " deleted or damaged. Starting with an empty log could lose acknowledged"
              + " writes, so it is refused. Restore the directory as it was."
              + REJOIN,
          meta(identity.group().get()),
          identity.peer(),
          dataDir,
          copy);
    }
    if (!identity.joined() && !complete) {
      // The last start ended while the group's storage was being made; nothing was promised yet.
      DurableFiles.deleteTree(logDir().resolve(identity.group().get().toString()));
    }
  }

  @FormatMethod
  private static StoreRefusedException refused(@FormatString String template, Object... args) {
    return new StoreRefusedException(template.formatted(args));
  }

  private static boolean isEmpty(Path dir) throws IOException {
    try (Stream<Path> entries = Files.list(dir)) {
      return entries.findAny().isEmpty();
    }
  }

  /**
   * @param announced the start that is being noted, in the copy outside; else that of the identity
   */
  private record Stored(Identity identity, long announced) {}

  private static void write(Path file, Stored stored) throws IOException {
    Identity identity = stored.identity();
    TreeMap<String, String> fields = new TreeMap<>();
    fields.put("format", FORMAT);
    fields.put("name", identity.name());
    fields.put("incarnation", identity.incarnation());
    fields.put("start", Long.toString(identity.start()));
    fields.put("announced", Long.toString(stored.announced()));
    identity.group().ifPresent(group -> fields.put("group", group.toString()));
    fields.put("joined", Boolean.toString(identity.joined()));
    fields.put("voter", Boolean.toString(identity.voter()));
    if (!identity.replaced().isEmpty()) {
      fields.put(
          "replaced",
          identity.replaced().stream().map(UUID::toString).collect(Collectors.joining(" ")));
    }
    StringBuilder text = new StringBuilder();
    text.append("# Identity of this member in Quorate's store. Not to be copied, edited or ")
        .append("restored.\n");
    fields.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    text.append("crc=").append(crc(fields)).append('\n');
    DurableFiles.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<Stored> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    properties.load(new StringReader(Files.readString(file)));
    TreeMap<String, String> fields = new TreeMap<>();
    properties.forEach((key, value) -> fields.put(key.toString(), value.toString()));
    String crc = fields.remove("crc");
    if (!FORMAT.equals(fields.get("format")) && crc != null && crc.equals(crc(fields))) {
      throw new StoreRefusedException(
          "%s is of format %s; this version knows format %s only. Upgrade this member."
              .formatted(file, fields.get("format"), FORMAT));
    }
    try {
      if (!crc(fields).equals(crc)) {
        throw new IllegalArgumentException("checksum");
      }
      return Optional.of(parse(fields));
    } catch (IllegalArgumentException e) {
      throw new StoreRefusedException(
          "%s is damaged (%s). Restore it from the other copy of this member's identity."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static Stored parse(Map<String, String> fields) {
    Identity identity =
        new Identity(
            field(fields, "name"),
            field(fields, "incarnation"),
            Long.parseLong(field(fields, "start")),
            Optional.ofNullable(fields.get("group")).map(UUID::fromString),
            Boolean.parseBoolean(field(fields, "joined")),
            Boolean.parseBoolean(fields.get("voter")),
            groups(fields.getOrDefault("replaced", "")));
    return new Stored(identity, Long.parseLong(field(fields, "announced")));
  }

  private static List<UUID> groups(String text) {
    return text.isEmpty()
        ? List.of()
        : Stream.of(text.split(" ", -1)).map(UUID::fromString).toList();
  }

  private static String field(Map<String, String> fields, String key) {
    String value = fields.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static String crc(SortedMap<String, String> fields) {
    CRC32C crc = new CRC32C();
    fields.forEach(
        (key, value) -> crc.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
    return Long.toHexString(crc.getValue());
  }
}
