package io.quorate.jepsen.real;

import java.util.List;

/** Where the hosts of a cluster are on the network, and how a program is started on one. */
public interface HostNetwork extends AutoCloseable {

  /** Address under which the other hosts reach host {@code index}, 1 and above. */
  String peerAddress(int index);

  /** Address under which clients reach it. */
  String clientAddress(int index);

  /** {@code command}, to be run on host {@code index}. */
  List<String> on(int index, List<String> command);

  /** Cuts the host off from the other hosts, without a word; clients still reach it. */
  void cut(int index);

  /** Makes it whole again. */
  void heal(int index);

  @Override
  void close();

  /** All on this machine's loopback interface, which cannot be cut. */
  static HostNetwork loopback() {
    return new HostNetwork() {
      @Override
      public String peerAddress(int index) {
        return "127.0.0.1";
      }

      @Override
      public String clientAddress(int index) {
        return "127.0.0.1";
      }

      @Override
      public List<String> on(int index, List<String> command) {
        return command;
      }

      @Override
      public void cut(int index) {
        throw new UnsupportedOperationException("the loopback interface cannot be cut");
      }

      @Override
      public void heal(int index) {
        // Never cut.
      }

      @Override
      public void close() {
        // Nothing was made.
      }
    };
  }
}
