package io.quorate.ha.postgres;

import io.quorate.ha.model.TimelineId;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unix socket of the agent's own that a standby takes for its primary when it is to receive
 * nothing. PostgreSQL's startup process asks for a WAL receiver only after it has read all local
 * WAL, so an attempt that arrives here under a name that was just given proves that the setting was
 * taken and that the old receiver is gone, and it tells the timeline that the standby is on.
 *
 * <p>The first attempts after {@link #watch} are refused; later ones are left without an answer, so
 * that a standby that waits here costs nothing and logs nothing.
 */
final class UpstreamSocket implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(UpstreamSocket.class);
  private static final Pattern START =
      Pattern.compile("START_REPLICATION\\b.*\\bTIMELINE (\\d+).*", Pattern.CASE_INSENSITIVE);

  /** Out of descriptors, say: trying at once again would only burn the processor. */
  private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

  /** The longest path that fits into struct sockaddr_un. */
  private static final int PATH_MAX = 107;

  private final Path path;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocketChannel server;
  private volatile Identity identity = new Identity("0", TimelineId.FIRST);
  private volatile @Nullable Watch watch;

  /** What is answered to IDENTIFY_SYSTEM: a timeline at or above any the standby may be on. */
  record Identity(String systemIdentifier, TimelineId timeline) {}

  /** The attempts under one name. */
  static final class Watch {
    private final String name;
    private int attempts;
    private @Nullable TimelineId timeline;
    private boolean satisfied;

    private Watch(String name) {
      this.name = name;
    }

    private synchronized boolean refuse(TimelineId told) {
      attempts++;
      timeline = told;
      return !satisfied;
    }

    /** How often the standby has come to ask for WAL. */
    synchronized int attempts() {
      return attempts;
    }

    /** The timeline that it asked for last. */
    synchronized @Nullable TimelineId timeline() {
      return timeline;
    }

    /** No attempt need be refused any more. */
    synchronized void satisfied() {
      satisfied = true;
    }
  }

  UpstreamSocket(Path directory, int port) {
    this.path = directory.resolve(".s.PGSQL." + port);
  }

  /** Begins to listen, unless it does already. */
  synchronized void listen() throws IOException {
    if (server != null) {
      return;
    }
    if (path.toString().length() > PATH_MAX) {
      throw new PostgresFailure(
          "the agent's directory has too long a path for a socket ("
              + path
              + "): at most "
              + PATH_MAX
              + " bytes fit");
    }
    Path directory = path.getParent();
    if (directory != null) {
      DurableFiles.makeDirectory(directory);
    }
    Files.deleteIfExists(path);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(
        path, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    DurableFiles.inheritOwner(path);
    server = channel;
    Thread.ofPlatform().daemon(true).name("quorate-upstream").start(() -> accept(channel));
  }

  /** Where PostgreSQL finds it: the host and port of its connection string. */
  Path directory() {
    Path parent = path.getParent();
    return parent == null ? Path.of("/") : parent;
  }

  /**
   * Counts attempts under {@code name} from now on. Whoever waits here is sent away, so that it
   * comes again.
   */
  Watch watch(String name, Identity answer) {
    identity = answer;
    Watch fresh = new Watch(name);
    watch = fresh;
    open.forEach(UpstreamSocket::closeQuietly);
    return fresh;
  }

  private void accept(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try {
        SocketChannel peer = channel.accept();
        open.add(peer);
        Thread.ofPlatform().daemon(true).name("quorate-upstream-peer").start(() -> serve(peer));
      } catch (IOException e) {
        if (channel.isOpen()) {
          LOG.warn("the upstream socket {} cannot accept: {}", path, e.toString());
          LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
        }
      }
    }
  }

  private void serve(SocketChannel peer) {
    try (peer) {
      ReplicationWire wire = new ReplicationWire(peer);
      String name = wire.startup();
      if (name.isEmpty()) {
        return;
      }
      for (String command = wire.command(); !command.isEmpty(); command = wire.command()) {
        Matcher start = START.matcher(command);
        if (command.startsWith("IDENTIFY_SYSTEM")) {
          wire.identity(identity);
        } else if (start.matches()) {
          TimelineId timeline = new TimelineId(Integer.parseInt(start.group(1)));
          Watch current = watch;
          if (current != null && current.name.equals(name) && current.refuse(timeline)) {
            wire.refuse("this standby has stopped receiving: " + name);
            return;
          }
          // Left waiting for an answer until it is pointed elsewhere or sent away.
        } else {
          wire.refuse("this standby has stopped receiving; not answered: " + command);
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("a standby's attempt ended: {}", e.toString());
    } finally {
      open.remove(peer);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("closing an attempt: {}", e.toString());
    }
  }

  @Override
  public synchronized void close() {
    ServerSocketChannel channel = server;
    server = null;
    if (channel != null) {
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.debug("closing {}: {}", path, e.toString());
      }
    }
    open.forEach(UpstreamSocket::closeQuietly);
  }
}
