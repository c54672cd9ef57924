package io.quorate.ha.model;

import java.util.List;
import java.util.Optional;

/**
 * What a member publishes of itself under {@code members/<name>}, with a lease: present = its agent
 * is alive, as far as the store knows.
 *
 * @param runId random, new at each start of the agent
 * @param host where its PostgreSQL is reached, or of a witness the agent
 * @param port of its PostgreSQL; 0 of a witness
 * @param apiUrl its REST API, e.g. {@code http://10.0.0.1:8008/patroni}
 * @param grpcAddress its gRPC port, {@code host:port}
 * @param position primary: flushed; standby: max(receive, replay); empty when not running
 * @param attached on which epoch's branch it proved to be and receives; empty otherwise
 * @param pendingRestart settings of its PostgreSQL that take effect at the next start only
 * @param copy how far the copying of its data directory has come, while it is copied
 * @param replayHeld why its PostgreSQL, a standby, replays no WAL though it may receive, with the
 *     remedy: it cannot take over meanwhile
 */
public record MemberInfo(
    MemberName name,
    String runId,
    String host,
    int port,
    String apiUrl,
    String grpcAddress,
    PatroniState state,
    PatroniRole role,
    String version,
    MemberTags tags,
    boolean streaming,
    Optional<TimelineId> timeline,
    Optional<Lsn> position,
    Optional<Lsn> receive,
    Optional<Lsn> replay,
    Optional<DataId> dataId,
    Optional<Attachment> attached,
    Optional<String> problem,
    List<PendingSetting> pendingRestart,
    Optional<CopyProgress> copy,
    Optional<String> replayHeld) {

  /** Copies the list. */
  public MemberInfo {
    pendingRestart = List.copyOf(pendingRestart);
  }

  /** Where nothing holds up replay. */
  public MemberInfo(
      MemberName name,
      String runId,
      String host,
      int port,
      String apiUrl,
      String grpcAddress,
      PatroniState state,
      PatroniRole role,
      String version,
      MemberTags tags,
      boolean streaming,
      Optional<TimelineId> timeline,
      Optional<Lsn> position,
      Optional<Lsn> receive,
      Optional<Lsn> replay,
      Optional<DataId> dataId,
      Optional<Attachment> attached,
      Optional<String> problem,
      List<PendingSetting> pendingRestart,
      Optional<CopyProgress> copy) {
    this(
        name,
        runId,
        host,
        port,
        apiUrl,
        grpcAddress,
        state,
        role,
        version,
        tags,
        streaming,
        timeline,
        position,
        receive,
        replay,
        dataId,
        attached,
        problem,
        pendingRestart,
        copy,
        Optional.empty());
  }

  /** Whether it votes in the store and has no PostgreSQL. */
  public boolean isWitness() {
    return role == PatroniRole.WITNESS;
  }

  /** Proof of attachment: that epoch, with this end of WAL at the time of the proof. */
  public record Attachment(Epoch epoch, EndOfWal end) {}
}
