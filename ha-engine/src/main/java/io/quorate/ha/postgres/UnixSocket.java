package io.quorate.ha.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connected unix socket in the shape of a {@link Socket}, with read timeouts. One reader and one
 * writer at a time.
 */
final class UnixSocket extends Socket {

  private static final int BUFFER = 8192;

  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;
  private volatile int timeoutMillis;

  UnixSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.readable = Selector.open();
    this.writable = Selector.open();
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  private int read(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (true) {
      int count = channel.read(buffer);
      if (count != 0 || length == 0) {
        return count;
      }
      readable.selectedKeys().clear();
      if (readable.select(timeoutMillis) == 0 && timeoutMillis > 0) {
        throw new SocketTimeoutException("no answer within " + timeoutMillis + " ms");
      }
    }
  }

  private void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      if (channel.write(buffer) == 0) {
        writable.selectedKeys().clear();
        if (writable.select(timeoutMillis) == 0 && timeoutMillis > 0) {
          throw new SocketTimeoutException("nothing taken within " + timeoutMillis + " ms");
        }
      }
    }
  }

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return UnixSocket.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return UnixSocket.this.read(bytes, offset, length);
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        UnixSocket.this.write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        UnixSocket.this.write(bytes, offset, length);
      }
    };
  }

  @Override
  public void close() throws IOException {
    channel.close();
    readable.close();
    writable.close();
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) {
    // It is connected from the beginning.
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isBound() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void setSoTimeout(int timeout) throws SocketException {
    timeoutMillis = timeout;
  }

  @Override
  public int getSoTimeout() throws SocketException {
    return timeoutMillis;
  }

  @Override
  public int getSendBufferSize() {
    return BUFFER;
  }

  @Override
  public int getReceiveBufferSize() {
    return BUFFER;
  }

  @Override
  public void setSendBufferSize(int size) {
    // The kernel's default serves.
  }

  @Override
  public void setReceiveBufferSize(int size) {
    // The kernel's default serves.
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // Not TCP.
  }

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setKeepAlive(boolean on) {
    // Not TCP.
  }

  @Override
  public boolean getKeepAlive() {
    return false;
  }
}
