package io.quorate.rpc.member;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.port.Peers;
import io.quorate.proto.member.v1.MemberGrpc;
import io.quorate.proto.member.v1.PingRequest;
import io.quorate.proto.member.v1.PingResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Asks another agent whether it is there. */
public final class GrpcPeers implements Peers {

  /** How long an agent has to answer; on a failover's path. */
  public static final Duration BOUND = Duration.ofMillis(150);

  private final MemberChannels channels;
  private final Map<MemberName, String> addresses;
  private final Duration bound;

  /**
   * Peers at these member services.
   *
   * @param bound no answer within it counts as none
   */
  public GrpcPeers(MemberChannels channels, Map<MemberName, String> addresses, Duration bound) {
    this.bound = bound;
    this.channels = channels;
    this.addresses = Map.copyOf(addresses);
  }

  @Override
  public CompletionStage<Boolean> agentAnswers(MemberName member) {
    String address = addresses.get(member);
    if (address == null) {
      return CompletableFuture.completedFuture(false);
    }
    Calls<PingResponse> call = new Calls<>();
    MemberGrpc.newStub(channels.to(address))
        .withDeadlineAfter(bound.toNanos(), TimeUnit.NANOSECONDS)
        .ping(PingRequest.getDefaultInstance(), call);
    return call.stage()
        .handle(
            (response, failure) -> failure == null && response.getName().equals(member.value()));
  }
}
