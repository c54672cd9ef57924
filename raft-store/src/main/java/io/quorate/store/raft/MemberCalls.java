package io.quorate.store.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.store.v1.VoterMessages.GroupAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterLink;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Sends messages to other members' stores and reads their answers. */
final class MemberCalls {
  /** For the way to the leader and back, on top of what it may take there. */
  private static final Duration TRAVEL = Duration.ofMillis(250);

  /** Leadership moves within the election timeouts, several of them if need be. */
  private static final Duration TRANSFER = Duration.ofSeconds(5);

  private final VoterLink link;
  private final RaftStoreConfig config;
  private final Supplier<Optional<UUID>> group;
  private final Consumer<String> replaced;

  /**
   * @param replaced told when another member says that this one's store was replaced, and by whose
   */
  MemberCalls(
      VoterLink link,
      RaftStoreConfig config,
      Supplier<Optional<UUID>> group,
      Consumer<String> replaced) {
    this.link = link;
    this.config = config;
    this.group = group;
    this.replaced = replaced;
  }

  /** How long a forwarded request may take. */
  Duration limit(Call.Lane lane) {
    return switch (lane) {
      case LOG -> config.timing().request();
      case CONFIRMATION -> config.timing().confirm().plus(TRAVEL);
      case ADMINISTRATION -> TRANSFER.plus(TRAVEL);
    };
  }

  /** How long moving leadership may take at the leader. */
  static Duration transferLimit() {
    return TRANSFER;
  }

  /** Whether the answer comes from this member's own group. */
  boolean ours(GroupAnswer answer) {
    return group.get().map(UUID::toString).filter(answer.getGroup()::equals).isPresent();
  }

  /** Asks the member service at {@code address}; completes exceptionally when nothing came. */
  CompletableFuture<VoterAnswer> call(
      String address, VoterRequest.Builder request, Duration timeout) {
    request.setSender(config.name()).setGroup(group.get().map(UUID::toString).orElse(""));
    return link.call(address, Bytes.of(request.build().toByteArray()), timeout)
        .thenApply(answer -> {
          try {
            VoterAnswer read = VoterAnswer.parseFrom(answer.toByteArray());
            if (!read.getReplacedBy().isEmpty()) {
              replaced.accept(read.getReplacedBy());
            }
            return read;
          } catch (InvalidProtocolBufferException e) {
            throw new CompletionException(e);
          }
        })
        .toCompletableFuture();
  }
}
