package io.quorate.ha.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The cluster as the store tells it, at one revision.
 *
 * @param revision the store's revision this view is of
 * @param initialize the {@code initialize} key
 * @param lastEpoch the last acquisition; its epoch names the round while there is no leader
 * @param branches by timeline id
 * @param dataIds the data directory that each member said it owns
 * @param release how the last holder gave its key back, if it did
 * @param published last position that a primary published ({@code status}), bytes
 * @param historyJson the {@code history} key as it stands, a JSON array
 * @param configJson the {@code config} key as it stands, a JSON object
 * @param stopAsked run ids of the agents asked to stop, the whole cluster at once
 * @param intents operators' wishes by slot, also the last finished one of each
 */
public record ClusterView(
    long revision,
    Initialize initialize,
    Optional<Leader> leader,
    Optional<EpochRecord> lastEpoch,
    SortedMap<MemberName, MemberInfo> members,
    SortedMap<MemberName, Pledge> pledges,
    SortedMap<MemberName, StoredDataId> dataIds,
    SortedMap<TimelineId, Branch> branches,
    SortedMap<Epoch, FailoverReport> failovers,
    Optional<ClusterSettings> settings,
    Optional<Release> release,
    Optional<Lsn> published,
    List<String> stopAsked,
    String historyJson,
    String configJson,
    SortedMap<String, Intent> intents) {

  /** Copies the collections. */
  public ClusterView {
    members = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(members));
    pledges = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(pledges));
    dataIds = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(dataIds));
    branches = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(branches));
    failovers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(failovers));
    stopAsked = List.copyOf(stopAsked);
    intents = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(intents));
  }

  /** The {@code leader} key: who holds, and under which epoch. */
  public record Leader(MemberName holder, Epoch epoch, long leaseId) {}

  /** The holder of {@code epoch} gave its key back by itself; {@code planned}: it was asked to. */
  public record Release(Epoch epoch, String why, boolean planned) {}

  /** State of the {@code initialize} key. */
  public sealed interface Initialize {
    /** Nobody made a cluster yet. */
    record Absent() implements Initialize {}

    /** This member is making one; ends with its member lease. */
    record InProgress(MemberName by) implements Initialize {}

    /** The cluster with this system identifier. */
    record Complete(long systemIdentifier) implements Initialize {}
  }

  /** A member's data id with the mod revision of its key. */
  public record StoredDataId(DataId dataId, long revision) {}

  /** The round under way: the ended epoch. NONE while somebody holds or nobody ever did. */
  public Epoch round() {
    return leader.isPresent() ? Epoch.NONE : lastEpoch.map(EpochRecord::epoch).orElse(Epoch.NONE);
  }

  /** The branch that the primary of {@code epoch} writes, once it is published. */
  public Optional<Branch> branchOf(Epoch epoch) {
    return branches.values().stream()
        .filter(branch -> branch.epoch().equals(epoch))
        .findFirst()
        .or(() ->
            lastEpoch
                .filter(last -> last.epoch().equals(epoch))
                .filter(last -> last.cause() == EpochRecord.Cause.RETAKEN)
                .map(last -> branches.get(last.timeline())));
  }

  /** The wish of {@code slot} that is not finished. */
  public Optional<Intent> openIntent(String slot) {
    return Optional.ofNullable(intents.get(slot)).filter(Intent::open);
  }

  /** The system identifier, once complete. */
  public OptionalLong systemIdentifier() {
    return switch (initialize) {
      case Initialize.Complete(long id) -> OptionalLong.of(id);
      case Initialize.Absent _, Initialize.InProgress _ -> OptionalLong.empty();
    };
  }
}
