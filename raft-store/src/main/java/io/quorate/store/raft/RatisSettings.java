package io.quorate.store.raft;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis' settings. Its defaults suit large objects on large machines, and some are unsafe here. */
final class RatisSettings {
  /**
   * Largest entry of the log: the largest request (1 MiB) as a message, with room for what frames
   * it.
   */
  static final int ENTRY_BYTES = 1_200 * 1024;

  private static final int MB = 1024 * 1024;
  private static final Duration STAGING = Duration.ofSeconds(30);

  private RatisSettings() {}

  /**
   * The settings of one server.
   *
   * @param founder whether this member is to found the group: alone, it need not wait long before
   *     it elects itself
   */
  static RaftProperties of(RaftStoreConfig config, IdentityFiles files, boolean founder) {
    RaftProperties properties = new RaftProperties();
    RaftServerConfigKeys.setStorageDir(properties, List.of(files.logDir().toFile()));
    elections(properties, config.timing(), founder);
    log(properties, config.log());
    snapshots(properties, config.log());
    reads(properties);
    transport(properties, config);
    return properties;
  }

  private static void elections(
      RaftProperties properties, RaftStoreConfig.Timing timing, boolean founder) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, time(timing.electionMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, time(timing.electionMax()));
    Duration firstMin = founder ? Duration.ofMillis(20) : timing.electionMin();
    Duration firstMax = founder ? Duration.ofMillis(40) : timing.electionMax();
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, time(firstMin));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, time(firstMax));
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, seconds(1));
    RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, seconds(10));
    // Pre-vote is the default, and what makes short timeouts cheap.
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, seconds(1));
    // A leader that found itself paused steps down after the wait time above. The whole server
    // would close after this one: it must survive a machine that was suspended.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(1, TimeUnit.DAYS));
    RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, seconds(2));
    RaftServerConfigKeys.setStagingTimeout(properties, time(STAGING));
  }

  private static void log(RaftProperties properties, RaftStoreConfig.LogSettings log) {
    // With it, each entry of ours is followed by one of Ratis' own with the commit index, and costs
    // twice as much. What that is good for, the first snapshot and the commit note do (ADR 8).
    Log.setLogMetadataEnabled(properties, false);
    // What cannot be read is refused, never dropped: dropping it would forget acknowledged writes.
    Log.setCorruptionPolicy(properties, Log.CorruptionPolicy.EXCEPTION);
    Log.setUnsafeFlushEnabled(properties, false);
    Log.setAsyncFlushEnabled(properties, false);
    Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(log.segmentBytes()));
    Log.setPreallocatedSize(properties, SizeInBytes.valueOf(Math.min(MB, log.segmentBytes())));
    Log.setWriteBufferSize(properties, SizeInBytes.valueOf(ENTRY_BYTES + 64 * 1024));
    Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf(ENTRY_BYTES));
    Log.setSegmentCacheNumMax(properties, 2);
    Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf(8 * MB));
    Log.setQueueByteLimit(properties, SizeInBytes.valueOf(8 * MB));
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf(8 * MB));
    RaftServerConfigKeys.Write.setElementLimit(properties, 1024);
    // The default backs off to 5 s, during which a member that came back would stand for election.
    properties.set(Log.Appender.RETRY_POLICY_KEY, "50ms,20, 200ms,1000000");
    Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf(MB));
    Log.setPurgeUptoSnapshotIndex(properties, true);
    Log.setPurgeGap(properties, 1);
    Log.setPurgePreservationLogNum(properties, log.keepEntries());
    // Replies are found by our own bookkeeping, repeats by sessions in the replicated state.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, seconds(1));
  }

  private static void snapshots(RaftProperties properties, RaftStoreConfig.LogSettings log) {
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, log.snapshotEntries());
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, log.keepSnapshots());
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    Log.Appender.setInstallSnapshotEnabled(properties, true);
  }

  /** Ratis' reads are not used: they were seen to answer stale after a pause of the leader. */
  private static void reads(RaftProperties properties) {
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    RaftServerConfigKeys.Read.setTimeout(properties, seconds(2));
  }

  private static void transport(RaftProperties properties, RaftStoreConfig config) {
    properties.set(RaftConfigKeys.Rpc.TYPE_KEY, PromptCommits.class.getName());
    GrpcConfigKeys.Server.setHost(properties, config.listen().host());
    GrpcConfigKeys.Server.setPort(properties, config.listen().port());
    GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf(4 * MB));
    GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static TimeDuration seconds(int seconds) {
    return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
  }
}
