package io.quorate.rpc.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** etcd itself, one member, for comparison. */
final class RealEtcd implements AutoCloseable {

  private final Process process;
  private final int port;

  private RealEtcd(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static RealEtcd start(Path dir) throws IOException {
    int port = EtcdCluster.freePort();
    String client = "http://127.0.0.1:" + port;
    String peer = "http://127.0.0.1:" + EtcdCluster.freePort();
    Process process =
        new ProcessBuilder(
                Etcdctl.program("etcd", "etcd-server").toString(),
                "--name=default",
                "--data-dir=" + dir,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolveSibling("etcd.log").toFile())
            .start();
    RealEtcd etcd = new RealEtcd(process, port);
    EtcdCluster.await(etcd::listens);
    return etcd;
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
