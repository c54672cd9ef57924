package io.quorate.rpc.tls;

import io.grpc.ServerCredentials;

/** Whom a gRPC port lets in, and as whom it answers. */
public record ServerSide(ServerCredentials credentials) {}
