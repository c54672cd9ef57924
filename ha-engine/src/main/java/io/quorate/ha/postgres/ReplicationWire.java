package io.quorate.ha.postgres;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * As much of the server's side of PostgreSQL's protocol 3 as a WAL receiver needs to say what it
 * wants. Blocks.
 *
 * @see <a href="https://www.postgresql.org/docs/15/protocol-message-formats.html">messages</a>
 * @see <a href="https://www.postgresql.org/docs/15/protocol-replication.html">replication</a>
 */
final class ReplicationWire {

  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int PROTOCOL_3 = 3;
  private static final int MESSAGE_MAX = 64 * 1024;
  private static final int TEXT_OID = 25;
  private static final int INT4_OID = 23;

  private final SocketChannel peer;

  ReplicationWire(SocketChannel peer) {
    this.peer = peer;
  }

  /** Lets the peer in; its application_name, empty if it wanted something else. */
  String startup() throws IOException {
    while (true) {
      int length = read(4).getInt();
      if (length < 8 || length > MESSAGE_MAX) {
        return "";
      }
      ByteBuffer body = read(length - 4);
      int code = body.getInt();
      if (code == SSL_REQUEST || code == GSS_REQUEST) {
        write(ByteBuffer.wrap(new byte[] {'N'}));
      } else if (code >>> 16 == PROTOCOL_3) {
        String name = parameter(body, "application_name");
        welcome();
        return name.isEmpty() ? "(none)" : name;
      } else {
        return "";
      }
    }
  }

  private static String parameter(ByteBuffer body, String wanted) {
    String found = "";
    while (body.hasRemaining()) {
      String key = string(body);
      if (key.isEmpty()) {
        break;
      }
      String value = string(body);
      if (key.equals(wanted)) {
        found = value;
      }
    }
    return found;
  }

  private void welcome() throws IOException {
    Message all = new Message();
    all.begin('R').int32(0).end();
    all.begin('S').text("server_version").text("15.0").end();
    all.begin('S').text("client_encoding").text("UTF8").end();
    all.begin('S').text("standard_conforming_strings").text("on").end();
    all.begin('K').int32(1).int32(1).end();
    ready(all);
    write(all.bytes());
  }

  /** The next command; empty when the peer goes. */
  String command() throws IOException {
    byte type;
    try {
      type = read(1).get();
    } catch (EOFException e) {
      return "";
    }
    int length = read(4).getInt();
    if (length < 4 || length > MESSAGE_MAX) {
      return "";
    }
    ByteBuffer body = read(length - 4);
    return type == 'Q' ? string(body) : "";
  }

  /** Answers IDENTIFY_SYSTEM. */
  void identity(UpstreamSocket.Identity identity) throws IOException {
    Message all = new Message();
    all.begin('T').int16(4);
    column(all, "systemid", TEXT_OID, -1);
    column(all, "timeline", INT4_OID, 4);
    column(all, "xlogpos", TEXT_OID, -1);
    column(all, "dbname", TEXT_OID, -1);
    all.end();
    all.begin('D').int16(4);
    for (String value :
        List.of(identity.systemIdentifier(), identity.timeline().toString(), "0/0")) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      all.int32(bytes.length).raw(bytes);
    }
    all.int32(-1).end();
    all.begin('C').text("IDENTIFY_SYSTEM").end();
    ready(all);
    write(all.bytes());
  }

  /** Ends the peer's attempt with {@code reason}. */
  void refuse(String reason) throws IOException {
    Message all = new Message();
    all.begin('E');
    all.raw(new byte[] {'S'}).text("FATAL");
    all.raw(new byte[] {'V'}).text("FATAL");
    all.raw(new byte[] {'C'}).text("57P03");
    all.raw(new byte[] {'M'}).text(reason);
    all.raw(new byte[] {0}).end();
    write(all.bytes());
  }

  private static void column(Message all, String name, int oid, int size) {
    all.text(name).int32(0).int16(0).int32(oid).int16(size).int32(-1).int16(0);
  }

  private static void ready(Message all) {
    all.begin('Z').raw(new byte[] {'I'}).end();
  }

  private ByteBuffer read(int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (peer.read(buffer) < 0) {
        throw new EOFException("the standby went away");
      }
    }
    return buffer.flip();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int _ = peer.write(bytes);
    }
  }

  private static String string(ByteBuffer body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (body.hasRemaining()) {
      byte next = body.get();
      if (next == 0) {
        break;
      }
      bytes.write(next);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Messages one after another, each with its length. */
  private static final class Message {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Message begin(char type) {
      all.write(type);
      body.reset();
      return this;
    }

    Message int32(int value) {
      body.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
      return this;
    }

    Message int16(int value) {
      body.writeBytes(ByteBuffer.allocate(2).putShort((short) value).array());
      return this;
    }

    Message text(String value) {
      body.writeBytes(value.getBytes(StandardCharsets.UTF_8));
      body.write(0);
      return this;
    }

    Message raw(byte[] bytes) {
      body.writeBytes(bytes);
      return this;
    }

    void end() {
      all.writeBytes(ByteBuffer.allocate(4).putInt(body.size() + 4).array());
      all.writeBytes(body.toByteArray());
    }

    ByteBuffer bytes() {
      return ByteBuffer.wrap(all.toByteArray());
    }
  }
}
