package io.quorate.ha.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.decide.election.Ballot;
import io.quorate.ha.decide.election.Election;
import io.quorate.ha.decide.election.Round;
import io.quorate.ha.decide.rejoin.DivergenceCheck;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** Reasoning about branches, against WAL that is compared unit by unit. */
class HistoryProperties {

  private static final int MEMBERS = 5;

  @Property(tries = 2000)
  void divergesWhereTheFirstUnitDiffers(@ForAll long seed) {
    NaiveHistory world = NaiveHistory.draw(new Random(seed), MEMBERS);
    for (int i = 0; i < MEMBERS; i++) {
      List<Integer> wal = world.members.get(i);
      if (wal.isEmpty()) {
        continue;
      }
      DivergenceCheck.Verdict verdict =
          DivergenceCheck.check(world.end(i), world.top(), world.branches, List.of());
      if (world.isPrefix(wal)) {
        assertThat(verdict).isEqualTo(new DivergenceCheck.Verdict.OnBranch());
      } else {
        assertThat(verdict)
            .isInstanceOfSatisfying(
                DivergenceCheck.Verdict.Diverged.class,
                diverged ->
                    assertThat(diverged.fork()).isEqualTo(NaiveHistory.lsn(world.common(wal))));
      }
    }
  }

  @Property(tries = 2000)
  void nobodyIsElectedWhoIsBehindACountedPledge(@ForAll long seed) {
    Random random = new Random(seed);
    NaiveHistory world = NaiveHistory.draw(random, MEMBERS);
    boolean quorum = random.nextBoolean();
    // In quorum mode nobody stands in who is behind, however long the best has not acted.
    Duration settled = quorum ? Duration.ofSeconds(random.nextInt(30)) : Duration.ZERO;
    int elected = 0;
    for (int self = 0; self < MEMBERS; self++) {
      if (world.members.get(self).isEmpty()) {
        continue;
      }
      Ballot ballot = Election.count(round(world, self, quorum, settled));
      if (!(ballot instanceof Ballot.Mine mine)) {
        continue;
      }
      elected++;
      List<Integer> winner = world.members.get(self);
      assertThat(world.isPrefix(winner)).as("the winner is on the history").isTrue();
      assertThat(
              mine.counted().stream()
                  .map(pledge -> world.members.get(number(pledge.member())))
                  .filter(world::isPrefix)
                  .filter(counted -> counted.size() > winner.size()))
          .as("counted, and ahead of the winner")
          .isEmpty();
    }
    Statistics.label("elected")
        .collect(elected > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 50));
  }

  private static int number(MemberName member) {
    return Integer.parseInt(member.value().substring(2)) - 1;
  }

  private static MemberName name(int number) {
    return new MemberName("db" + (number + 1));
  }

  private static Round round(NaiveHistory world, int self, boolean quorum, Duration settled) {
    Facts facts = new Facts();
    facts.branches.clear();
    facts.branches.putAll(world.branches);
    TreeMap<MemberName, DataId> voters = new TreeMap<>();
    for (int i = 0; i < MEMBERS; i++) {
      DataId id = Facts.dataId(Integer.toString(i));
      voters.put(name(i), id);
      facts.dataIds.put(name(i), new io.quorate.ha.model.ClusterView.StoredDataId(id, 10 + i));
    }
    facts.lastEpoch =
        Optional.of(
            new EpochRecord(
                world.epoch,
                new MemberName("gone"),
                Facts.dataId("9"),
                new TimelineId(world.branches.lastKey().value()),
                quorum ? new SyncRecord.Quorum(voters, 4) : new SyncRecord.Async(),
                EpochRecord.Cause.LEASE_EXPIRED));
    facts.published = Optional.empty();
    facts.leader(Optional.empty());
    for (int i = 0; i < MEMBERS; i++) {
      if (!world.members.get(i).isEmpty()) {
        facts.pledge(name(i), world.end(i), null);
      }
    }
    return new Round(
        name(self),
        facts.view(),
        facts.lastEpoch.orElseThrow(),
        true,
        Duration.ofMinutes(1),
        settled,
        new TreeMap<>(),
        facts.settings,
        true);
  }
}
