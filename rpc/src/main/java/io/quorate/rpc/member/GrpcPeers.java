package io.quorate.rpc.member;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.port.Peers;
import io.quorate.proto.member.v1.PingRequest;
import io.quorate.proto.member.v1.PingResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks another agent whether it is there. */
public final class GrpcPeers implements Peers {

  private final MemberChannels channels;
  private final Map<MemberName, String> addresses;

  /** Peers at these member services; no answer in time counts as none. */
  public GrpcPeers(MemberChannels channels, Map<MemberName, String> addresses) {
    this.channels = channels;
    this.addresses = Map.copyOf(addresses);
  }

  @Override
  public CompletionStage<Boolean> agentAnswers(MemberName member) {
    String address = addresses.get(member);
    if (address == null) {
      return CompletableFuture.completedFuture(false);
    }
    return channels
        .<PingResponse>call(
            address,
            channels.timings().presence(),
            (stub, answer) -> stub.ping(PingRequest.getDefaultInstance(), answer))
        .handle(
            (response, failure) -> failure == null && response.getName().equals(member.value()));
  }
}
