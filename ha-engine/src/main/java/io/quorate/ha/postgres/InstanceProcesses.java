package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Every process of one instance, found by its working directory being the data directory: also the
 * backends of a killed postmaster, which live on for a while, and commands that they run. A
 * person's shell that stands in the directory is none: it has a terminal, which PostgreSQL's
 * processes have given up.
 */
final class InstanceProcesses {

  private static final Path PROC = Path.of("/proc");

  /** What the kernel adds to the name of a directory that is there no more. */
  private static final String REMOVED = " (deleted)";

  private final Path dataDir;
  private final SpareDescriptors spare = new SpareDescriptors();

  InstanceProcesses(Path dataDir) {
    this.dataDir = dataDir;
    Native.prepare();
  }

  /**
   * Process ids of the living; one that has ended and waits for its parent does not live. Works
   * also where this program has no descriptor left: PostgreSQL must be ended all the same.
   */
  List<Long> find() {
    try {
      return list();
    } catch (IOException e) {
      return findWithoutDescriptors(e);
    }
  }

  private synchronized List<Long> findWithoutDescriptors(IOException first) {
    spare.release();
    try {
      return list();
    } catch (IOException e) {
      e.addSuppressed(first);
      throw new PostgresFailure("/proc cannot be read: " + e.getMessage());
    } finally {
      spare.take();
    }
  }

  private List<Long> list() throws IOException {
    Path here = realDataDir();
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) {
        if (belongs(entry, here)) {
          found.add(Long.parseLong(entry.getFileName().toString()));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** Whether this process is one of the instance's. */
  boolean belongs(long pid) {
    return belongs(PROC.resolve(Long.toString(pid)), realDataDir());
  }

  /**
   * Sends {@code signal} to each; the number of those it reached. A process is checked again once
   * it is held by a descriptor, so that nobody else's is hit; without a descriptor, just before.
   */
  int signal(List<Long> pids, int signal) {
    int sent = 0;
    for (long pid : pids) {
      int pidfd = Native.pidfdOpen(pid);
      if (pidfd < 0) {
        if (belongs(pid) && Native.kill(pid, signal)) {
          sent++;
        }
        continue;
      }
      try {
        if (belongs(pid) && Native.sendSignal(pidfd, signal)) {
          sent++;
        }
      } finally {
        Native.close(pidfd);
      }
    }
    return sent;
  }

  private Path realDataDir() {
    try {
      return dataDir.toRealPath();
    } catch (IOException e) {
      return dataDir.toAbsolutePath().normalize();
    }
  }

  private static boolean belongs(Path entry, Path here) {
    if (!standsIn(entry, here)) {
      return false;
    }
    try {
      ProcessFacts facts = ProcessFacts.parse(Files.readString(entry.resolve("stat")));
      return !facts.ended() && (facts.name().equals("postgres") || facts.terminal() == 0);
    } catch (IOException | RuntimeException e) {
      // It ended while being looked at; or this program has no descriptor left to look with, and
      // then a process that is still there must not be taken for dead.
      return standsIn(entry, here);
    }
  }

  /**
   * Whether the process works in {@code here}, also where that was removed under it. Takes no
   * descriptor; false for a process that has ended, or is another user's.
   */
  private static boolean standsIn(Path entry, Path here) {
    try {
      String cwd = Files.readSymbolicLink(entry.resolve("cwd")).toString();
      return cwd.equals(here.toString()) || cwd.equals(here + REMOVED);
    } catch (IOException e) {
      return false;
    }
  }
}
