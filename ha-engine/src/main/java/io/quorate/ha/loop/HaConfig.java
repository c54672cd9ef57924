package io.quorate.ha.loop;

import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.store.Bytes;

/**
 * What the engine of one member is told at start.
 *
 * @param runId random, new at each start of the agent
 * @param version of the program
 * @param host where other members reach this PostgreSQL
 * @param apiUrl published for tools
 * @param grpcAddress published for the CLI
 * @param bootstrap settings of a cluster that this member makes, and until the store's are known
 * @param bootstrapValue the same as the value of the {@code config} key
 */
public record HaConfig(
    String scope,
    String namespace,
    MemberName name,
    String runId,
    MemberTags tags,
    String version,
    String host,
    int port,
    String apiUrl,
    String grpcAddress,
    Observation.RejoinPolicy rejoin,
    ClusterSettings bootstrap,
    Bytes bootstrapValue) {

  /** This, with what of a member may change while it runs. */
  public HaConfig with(MemberTags changedTags, Observation.RejoinPolicy changedRejoin) {
    return new HaConfig(
        scope,
        namespace,
        name,
        runId,
        changedTags,
        version,
        host,
        port,
        apiUrl,
        grpcAddress,
        changedRejoin,
        bootstrap,
        bootstrapValue);
  }
}
