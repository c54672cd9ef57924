package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.link.VoterLink;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Member services between processes: one request at a time on a connection, connections kept. */
final class SocketNet implements VoterLink {
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, ConcurrentLinkedQueue<Socket>> idle = new ConcurrentHashMap<>();

  /** Serves {@code endpoint} on the loopback interface for as long as the process lives. */
  void serve(int port, VoterEndpoint endpoint) throws IOException {
    ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    executor.execute(() -> {
      while (true) {
        try {
          Socket socket = server.accept();
          executor.execute(() -> serve(socket, endpoint));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
  }

  private static void serve(Socket socket, VoterEndpoint endpoint) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        byte[] request = in.readNBytes(in.readInt());
        byte[] answer =
            endpoint.answer(Bytes.of(request)).toCompletableFuture().get().toByteArray();
        write(out, answer);
      }
    } catch (IOException | ExecutionException e) {
      // The other side is gone, or asked something impossible: it will notice.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public CompletionStage<Bytes> call(String address, Bytes request, Duration timeout) {
    CompletableFuture<Bytes> answer = new CompletableFuture<>();
    executor.execute(() -> call(address, request, timeout, answer));
    return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void call(
      String address, Bytes request, Duration timeout, CompletableFuture<Bytes> answer) {
    ConcurrentLinkedQueue<Socket> kept =
        idle.computeIfAbsent(address, _ -> new ConcurrentLinkedQueue<>());
    try {
      Socket socket = kept.poll();
      if (socket == null) {
        socket =
            new Socket(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        socket.setTcpNoDelay(true);
      }
      socket.setSoTimeout((int) timeout.toMillis());
      write(new DataOutputStream(socket.getOutputStream()), request.toByteArray());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      answer.complete(Bytes.of(in.readNBytes(in.readInt())));
      kept.add(socket);
    } catch (IOException e) {
      answer.completeExceptionally(e);
    }
  }

  private static void write(DataOutputStream out, byte[] message) throws IOException {
    byte[] framed = new byte[4 + message.length];
    framed[0] = (byte) (message.length >>> 24);
    framed[1] = (byte) (message.length >>> 16);
    framed[2] = (byte) (message.length >>> 8);
    framed[3] = (byte) message.length;
    System.arraycopy(message, 0, framed, 4, message.length);
    out.write(framed);
    out.flush();
  }
}
