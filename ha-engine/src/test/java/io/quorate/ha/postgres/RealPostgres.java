package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Secret;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Real PostgreSQL for tests. It refuses to run as root, so when the tests do, its programs run as
 * the user postgres. Missing programs fail the tests: they are the point.
 */
final class RealPostgres implements AutoCloseable {

  private static final int FIRST_PORT = 21000;
  private static final int LAST_PORT = 21499;
  private static final long ROOM = 2L * 1024 * 1024 * 1024;
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger((int) (ProcessHandle.current().pid() % 400));

  static final Path BIN = findPrograms();
  static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  final SystemTime time = SystemTime.start();
  private final Path root;
  private final List<Member> members = new ArrayList<>();

  RealPostgres() throws IOException {
    root = directory();
  }

  /** Short, since a socket's path must fit into 107 bytes; in memory where there is room. */
  private static Path directory() throws IOException {
    Path memory = Path.of("/dev/shm");
    boolean room = Files.isDirectory(memory) && memory.toFile().getUsableSpace() > ROOM;
    Path made = Files.createTempDirectory(room ? memory : Path.of("/tmp"), "qpg");
    Files.setPosixFilePermissions(
        made, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    own(made);
    return made;
  }

  static ProcessLauncher launcher() {
    return new ProcessLauncher(
        ROOT
            ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--")
            : List.of());
  }

  /** A member with its own directories, nothing in them. */
  Member member(String name) throws IOException {
    return member(name, Map.of());
  }

  Member member(String name, Map<String, String> parameters) throws IOException {
    Path home = Files.createDirectories(root.resolve(name));
    own(home);
    Map<String, String> all = new HashMap<>();
    all.put("fsync", "off");
    all.put("shared_buffers", "8MB");
    all.put("unix_socket_directories", home.toString());
    all.put("log_min_messages", "info");
    all.putAll(parameters);
    Member member = new Member(this, home, config(name, home, all));
    members.add(member);
    return member;
  }

  private static PostgresConfig config(String name, Path home, Map<String, String> parameters) {
    int port = freePort();
    return new PostgresConfig(
        "test",
        new MemberName(name),
        home.resolve("data"),
        BIN,
        home.resolve("state"),
        "127.0.0.1",
        port,
        "127.0.0.1",
        port,
        role("postgres", "super: secret\\'"),
        role("replicator", "repl"),
        Optional.of(role("rewinder", "rew'ind")),
        true,
        parameters,
        List.of(),
        List.of(),
        List.of("no-sync", "wal-segsize=1", "data-checksums"),
        List.of("max-rate=1024M", "checkpoint=fast"),
        true,
        true,
        true,
        64L * 1024 * 1024);
  }

  private static PostgresConfig.Credentials role(String name, String password) {
    return new PostgresConfig.Credentials(name, Optional.of(new Secret(password)), Map.of());
  }

  /** A member whose directory initdb made. */
  Member initialized(String name) throws Exception {
    return initialized(name, Map.of());
  }

  Member initialized(String name, Map<String, String> parameters) throws Exception {
    Member member = member(name, parameters);
    copy(Template.DIRECTORY, member.config.dataDir());
    member.succeed(new PostgresOperation.Adopt(dataId(members.size())));
    return member;
  }

  /** Made once for all tests of a run. */
  private static final class Template {
    static final Path DIRECTORY = make();

    private static Path make() {
      try {
        RealPostgres world = new RealPostgres();
        Runtime.getRuntime().addShutdownHook(new Thread(world::closeAtEnd));
        Member made = world.member("template");
        made.succeed(new PostgresOperation.InitDb(dataId(0)));
        return made.config.dataDir();
      } catch (Exception e) {
        throw new IllegalStateException("initdb for the tests", e);
      }
    }
  }

  private void closeAtEnd() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DataId dataId(int number) {
    return new DataId(String.format("%016x", 0xabc0 + number));
  }

  private static void copy(Path from, Path to) throws Exception {
    Process copy = new ProcessBuilder("cp", "-a", from.toString(), to.toString()).start();
    if (copy.waitFor() != 0) {
      throw new IOException("cp -a failed");
    }
  }

  /** Gives {@code path} to the user that PostgreSQL runs as. */
  static void own(Path path) throws IOException {
    if (ROOT) {
      Files.setOwner(
          path,
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
    }
  }

  private static int freePort() {
    for (int tries = 0; tries < 500; tries++) {
      int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % (LAST_PORT - FIRST_PORT + 1);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
    throw new IllegalStateException("no free port from " + FIRST_PORT + " to " + LAST_PORT);
  }

  private static Path findPrograms() {
    String given = System.getenv("QUORATE_TEST_PGBIN");
    if (given != null) {
      return Path.of(given);
    }
    Path base = Path.of("/usr/lib/postgresql");
    try (Stream<Path> versions = Files.list(base)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException(
          "these tests need PostgreSQL 15 or later: apt-get install postgresql postgresql-contrib,"
              + " or set QUORATE_TEST_PGBIN to the directory of its programs",
          e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      OperationResult _ = member.postgres.fence("end of the test").toCompletableFuture().join();
      member.postgres.close();
    }
    time.close();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
