package io.quorate.rpc.member;

import com.google.protobuf.UnsafeByteOperations;
import io.quorate.proto.member.v1.VoterRequest;
import io.quorate.proto.member.v1.VoterResponse;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterLink;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Carries the store's voter messages over the member service. */
public final class GrpcVoterLink implements VoterLink {

  private final MemberChannels channels;

  /** A link over these channels. */
  public GrpcVoterLink(MemberChannels channels) {
    this.channels = channels;
  }

  @Override
  public CompletionStage<Bytes> call(String address, Bytes request, Duration timeout) {
    VoterRequest message =
        VoterRequest.newBuilder()
            .setBody(UnsafeByteOperations.unsafeWrap(request.toByteArray()))
            .build();
    return channels
        .<VoterResponse>call(address, timeout, (stub, answer) -> stub.voter(message, answer))
        .thenApply(response -> Bytes.of(response.getBody().toByteArray()));
  }
}
