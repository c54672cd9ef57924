package io.quorate.rpc.member;

import com.google.protobuf.UnsafeByteOperations;
import io.quorate.proto.member.v1.MemberGrpc;
import io.quorate.proto.member.v1.VoterRequest;
import io.quorate.proto.member.v1.VoterResponse;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterLink;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Carries the store's voter messages over the member service. */
public final class GrpcVoterLink implements VoterLink {

  private final MemberChannels channels;

  /** A link over these channels. */
  public GrpcVoterLink(MemberChannels channels) {
    this.channels = channels;
  }

  @Override
  public CompletionStage<Bytes> call(String address, Bytes request, Duration timeout) {
    Calls<VoterResponse> call = new Calls<>();
    MemberGrpc.newStub(channels.to(address))
        .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .voter(
            VoterRequest.newBuilder()
                .setBody(UnsafeByteOperations.unsafeWrap(request.toByteArray()))
                .build(),
            call);
    return call.stage().thenApply(response -> Bytes.of(response.getBody().toByteArray()));
  }
}
