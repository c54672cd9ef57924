package io.quorate.rpc.tls;

import io.grpc.ChannelCredentials;

/** Whom a gRPC client trusts, and as whom it asks. */
public record ClientSide(ChannelCredentials credentials) {}
