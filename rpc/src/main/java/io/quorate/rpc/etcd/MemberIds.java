package io.quorate.rpc.etcd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The numbers by which etcd's clients know cluster and members; made from names, never 0. */
final class MemberIds {

  private final String self;
  private final long selfId;
  private final Map<String, Long> known = new ConcurrentHashMap<>();

  MemberIds(String self) {
    this.self = self;
    this.selfId = of(self);
  }

  String name() {
    return self;
  }

  long self() {
    return selfId;
  }

  /** The number of the member of that name. */
  long member(String name) {
    return name.equals(self) ? selfId : known.computeIfAbsent(name, MemberIds::of);
  }

  /** The cluster's number; 0 as long as there is none. */
  long cluster(Optional<String> group) {
    return group.map(name -> known.computeIfAbsent("group " + name, MemberIds::of)).orElse(0L);
  }

  private static long of(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      // Positive, since some clients read the numbers as signed.
      long id = ByteBuffer.wrap(digest).getLong() & Long.MAX_VALUE;
      return id == 0 ? 1 : id;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
