package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * File descriptors kept for the moment in which this program has no other left: as many as listing
 * a directory takes.
 */
final class SpareDescriptors {

  private static final Logger LOG = LoggerFactory.getLogger(SpareDescriptors.class);
  private static final Path NOTHING = Path.of("/dev/null");
  private static final int COUNT = 3;

  private final Deque<FileChannel> held = new ArrayDeque<>();

  SpareDescriptors() {
    take();
  }

  /** Lets them go, for what is to be done now. */
  synchronized void release() {
    while (!held.isEmpty()) {
      close(held.pop());
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a spare descriptor: {}", e.getMessage());
    }
  }

  /** Has them again, as far as there are any to be had. */
  synchronized void take() {
    try {
      while (held.size() < COUNT) {
        held.push(FileChannel.open(NOTHING));
      }
    } catch (IOException e) {
      LOG.warn("no file descriptor is left to keep for an emergency: {}", e.getMessage());
    }
  }
}
