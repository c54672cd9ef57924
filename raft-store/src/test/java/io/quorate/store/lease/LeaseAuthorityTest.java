package io.quorate.store.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.invariant.InvariantViolation;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.machine.Lease;
import io.quorate.store.machine.LeaseChange;
import io.quorate.store.machine.SortedTree;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeaseAuthorityTest {
  private static final LeaseId ID = new LeaseId(7);
  private static final Bytes KEY = Bytes.utf8("leader");
  private static final Revision CREATED = new Revision(5);
  private static final VoterSet VOTERS = VoterSet.of("a", "b", "c");

  private final TreeMap<Bytes, KeyValue> keys = new TreeMap<>();
  private LeaseAuthority authority =
      new LeaseAuthority(AuthorityRules.STRICT, timings(), this::find);

  @Test
  void withoutLeadershipNothingIsPromised() {
    assertThat(authority.keepAliveArrived(1, ID, at(0)))
        .first()
        .isInstanceOf(Answer.Unavailable.class);
    assertThat(authority.readArrived(2, 9)).first().isInstanceOf(Answer.Unavailable.class);
    assertThat(authority.tick(at(9_999))).isEmpty();
    assertThat(authority.remaining(ID, at(0))).isEmpty();
    assertThatThrownBy(authority::beginRound).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void oneRoundServesAllThatArrivedBeforeItBegan() {
    lead(1, 3_000);
    stand(ID);
    assertThat(authority.keepAliveArrived(1, ID, at(100))).isEmpty();
    assertThat(authority.renewHoldArrived(2, KEY, CREATED, at(100))).isEmpty();
    assertThat(authority.readArrived(3, 42)).isEmpty();
    long round = authority.beginRound();
    assertThat(authority.roundWanted()).isFalse();
    assertThat(authority.readArrived(4, 43)).isEmpty();
    assertThat(authority.voterAnswered(round, "a", 1, at(110))).isEmpty();
    assertThat(authority.voterAnswered(round, "b", 1, at(120)))
        .containsExactly(
            new Answer.Renewed(1, Duration.ofSeconds(3)),
            new Answer.Renewed(2, Duration.ofSeconds(3)),
            new Answer.ReadAt(3, 42));
    assertThat(authority.remaining(ID, at(120))).contains(Duration.ofSeconds(3));
    assertThat(authority.voterAnswered(round, "c", 1, at(130))).isEmpty();
    assertThat(authority.roundWanted()).isTrue();
  }

  @Test
  void laterRoundConfirmsEarlierOnesButNotTheOtherWayRound() {
    lead(1, 3_000);
    authority.readArrived(1, 10);
    long first = authority.beginRound();
    authority.readArrived(2, 11);
    long second = authority.beginRound();
    assertThat(authority.roundsUnderWay()).isEqualTo(2);
    assertThat(authority.voterAnswered(first, "a", 1, at(1))).isEmpty();
    assertThat(authority.voterAnswered(second, "b", 1, at(1)))
        .containsExactly(new Answer.ReadAt(1, 10));
    assertThat(authority.voterAnswered(second, "c", 1, at(1)))
        .containsExactly(new Answer.ReadAt(2, 11));
    assertThat(authority.roundsUnderWay()).isZero();
  }

  @Test
  void answersOfAnotherTermOrOfStrangersDoNotCount() {
    lead(4, 3_000);
    authority.readArrived(1, 10);
    long round = authority.beginRound();
    assertThat(authority.voterAnswered(round, "a", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "a", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "x", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "b", 3, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "c", 5, at(1)))
        .first()
        .isInstanceOf(Answer.Unavailable.class);
  }

  @Test
  void voterThatCameIntoTheTermMeanwhileCounts() {
    lead(4, 3_000);
    authority.readArrived(1, 10);
    long round = authority.beginRound();
    assertThat(authority.voterAnswered(round, "b", 3, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "a", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "b", 4, at(1))).hasSize(1);
  }

  @Test
  void voterThatCameIntoTheTermMeanwhileIsNoLongerAgainst() {
    authority.becameReady(4, at(0), List.of(), VoterSet.of("a", "b", "c", "d", "e"));
    authority.readArrived(1, 10);
    long round = authority.beginRound();
    for (String behind : List.of("b", "c")) {
      assertThat(authority.voterAnswered(round, behind, 3, at(1))).isEmpty();
    }
    assertThat(authority.voterAnswered(round, "b", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "d", 3, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "a", 4, at(1))).isEmpty();
    assertThat(authority.voterAnswered(round, "e", 4, at(1)))
        .containsExactly(new Answer.ReadAt(1, 10));
  }

  @Test
  void roundsUnderWayAreAskedAnewWhenVotersChange() {
    lead(1, 3_000);
    authority.readArrived(1, 10);
    long round = authority.beginRound();
    authority.voterAnswered(round, "a", 1, at(1));
    authority.votersChanged(new VoterSet(List.of("a", "b", "d"), List.of("a", "b", "c")));
    assertThat(authority.voterAnswered(round, "b", 1, at(1))).isEmpty();
    long again = authority.beginRound();
    assertThat(authority.voterAnswered(again, "a", 1, at(1))).isEmpty();
    assertThat(authority.voterAnswered(again, "d", 1, at(1))).isEmpty();
    assertThat(authority.voterAnswered(again, "c", 1, at(1)))
        .containsExactly(new Answer.ReadAt(1, 10));
  }

  @Test
  void roundThatNobodyAnswersEndsUnavailable() {
    lead(1, 3_000);
    authority.readArrived(1, 10);
    long round = authority.beginRound();
    assertThat(authority.roundTimedOut(round)).hasSize(1);
    assertThat(authority.voterAnswered(round, "b", 1, at(1))).isEmpty();
    assertThat(authority.roundsUnderWay()).isZero();
  }

  @Test
  void losingLeadershipAnswersEverybody() {
    lead(1, 3_000);
    authority.readArrived(1, 10);
    authority.beginRound();
    authority.keepAliveArrived(2, ID, at(1));
    assertThat(authority.lostLeadership())
        .hasSize(2)
        .allMatch(Answer.Unavailable.class::isInstance);
    assertThat(authority.leading()).isFalse();
    assertThat(authority.tick(at(60_000))).isEmpty();
  }

  @Test
  void leaseThatRanOutIsDeadBeforeItsExpiryIsApplied() {
    lead(3, 2_000);
    assertThat(authority.keepAliveArrived(1, ID, at(1_900))).isEmpty();
    long round = authority.beginRound();
    authority.voterAnswered(round, "a", 3, at(1_900));
    assertThat(authority.tick(at(1_999))).isEmpty();
    assertThat(authority.tick(at(2_000))).containsExactly(new StoreCommand.ExpireLease(ID, 1, 3));
    assertThat(authority.voterAnswered(round, "b", 3, at(2_001)))
        .first()
        .isInstanceOf(Answer.Unavailable.class);
    assertThat(authority.keepAliveArrived(2, ID, at(2_002)))
        .first()
        .isInstanceOf(Answer.Unavailable.class);
    assertThat(authority.remaining(ID, at(2_002))).contains(Duration.ZERO);
  }

  @Test
  void expiryIsProposedAgainUntilApplied() {
    lead(3, 2_000);
    assertThat(authority.tick(at(2_000))).hasSize(1);
    assertThat(authority.tick(at(2_400))).isEmpty();
    assertThat(authority.nextDue()).contains(at(2_500));
    assertThat(authority.tick(at(2_500))).hasSize(1);
    authority.applied(new LeaseChange.Ended(ID, 1), at(2_600));
    assertThat(authority.tick(at(3_100))).isEmpty();
    assertThat(authority.nextDue()).isEmpty();
  }

  @Test
  void looksAgainWhenTheNextLeaseRunsOut() {
    lead(3, 2_000);
    assertThat(authority.untilTick(at(0))).isEqualTo(Duration.ofMillis(100));
    assertThat(authority.untilTick(at(1_930))).isEqualTo(Duration.ofMillis(70));
    assertThat(authority.tick(at(1_999))).isEmpty();
    assertThat(authority.untilTick(at(1_999))).isEqualTo(Duration.ofMillis(5));
    assertThat(authority.tick(at(2_004))).hasSize(1);
    assertThat(authority.untilTick(at(2_004))).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void newTermGivesFreshTimeAlsoToTheDead() {
    lead(3, 2_000);
    assertThat(authority.tick(at(2_000))).hasSize(1);
    assertThat(authority.lostLeadership()).isEmpty();
    authority.becameReady(5, at(2_100), List.of(lease(1, 2_000)), VOTERS);
    assertThat(authority.remaining(ID, at(2_100))).contains(Duration.ofSeconds(2));
    assertThat(authority.tick(at(4_100))).containsExactly(new StoreCommand.ExpireLease(ID, 1, 5));
  }

  @Test
  void pauseGivesFreshTimeToTheLivingOnly() {
    lead(3, 2_000);
    authority.applied(new LeaseChange.Granted(new LeaseId(8), 2, 5_000), at(0));
    for (int t = 500; t <= 2_000; t += 500) {
      authority.tick(at(t));
    }
    assertThat(authority.tick(at(9_000))).containsExactly(new StoreCommand.ExpireLease(ID, 1, 3));
    assertThat(authority.remaining(new LeaseId(8), at(9_000))).contains(Duration.ofSeconds(5));
  }

  @Test
  void rulesOffShowInBehaviour() {
    authority =
        new LeaseAuthority(
            new AuthorityRules(true, true, false, true, true, true, false, true),
            timings(),
            this::find);
    lead(3, 2_000);
    assertThat(authority.tick(at(9_000))).hasSize(1); // no fresh time after the pause
    assertThat(authority.keepAliveArrived(1, ID, at(9_001))).isEmpty(); // not refused on arrival
  }

  @Test
  void newGenerationIsAnotherLease() {
    lead(3, 2_000);
    authority.keepAliveArrived(1, ID, at(100));
    long round = authority.beginRound();
    authority.applied(new LeaseChange.Ended(ID, 1), at(200));
    authority.applied(new LeaseChange.Granted(ID, 2, 4_000), at(300));
    authority.applied(new LeaseChange.Ended(ID, 1), at(300));
    authority.voterAnswered(round, "a", 3, at(400));
    assertThat(authority.voterAnswered(round, "b", 3, at(400)))
        .first()
        .isInstanceOf(Answer.Gone.class);
    assertThat(authority.remaining(ID, at(400))).contains(Duration.ofMillis(3_900));
  }

  @Test
  void holdIsGoneWhenItsKeyIsAtTheStartOrAtTheEndOfTheRound() {
    lead(3, 2_000);
    authority.renewHoldArrived(1, KEY, CREATED, at(0)); // not there yet
    long first = authority.beginRound();
    stand(ID);
    authority.renewHoldArrived(2, KEY, CREATED, at(0)); // there, but not when confirmed
    authority.renewHoldArrived(3, KEY, new Revision(4), at(0)); // another's
    long second = authority.beginRound();
    keys.clear();
    authority.voterAnswered(second, "a", 3, at(1));
    assertThat(authority.voterAnswered(second, "b", 3, at(1)))
        .hasSize(3)
        .allMatch(Answer.Gone.class::isInstance);
    assertThat(authority.voterAnswered(first, "b", 3, at(1))).isEmpty();
  }

  @Test
  void keyWithoutLeaseIsNoHold() {
    lead(3, 2_000);
    stand(LeaseId.NONE);
    authority.renewHoldArrived(1, KEY, CREATED, at(0));
    long round = authority.beginRound();
    authority.voterAnswered(round, "a", 3, at(1));
    assertThat(authority.voterAnswered(round, "b", 3, at(1)))
        .first()
        .isInstanceOf(Answer.Gone.class);
  }

  @Test
  void extensionNeverShortens() {
    lead(3, 2_000);
    for (int now : new int[] {500, 100}) {
      authority.keepAliveArrived(1, ID, at(now));
      long round = authority.beginRound();
      authority.voterAnswered(round, "a", 3, at(now));
      assertThat(authority.voterAnswered(round, "b", 3, at(now))).hasSize(1);
      assertThat(authority.remaining(ID, at(500))).contains(Duration.ofSeconds(2));
    }
  }

  @Test
  void endlessLeasesDoNotOverflow() {
    lead(3, 9_000_000_000_000L);
    assertThat(authority.tick(new BootTime(Long.MAX_VALUE - 1))).isEmpty();
    assertThat(authority.remaining(ID, at(0)).orElseThrow()).isPositive();
  }

  @Test
  void proposalsOfOneTickAreBounded() {
    lead(3, 2_000);
    List<Lease> many = new ArrayList<>();
    for (int i = 0; i < 2 * LeaseAuthority.PROPOSALS_MAX; i++) {
      authority.applied(new LeaseChange.Granted(new LeaseId(100 + i), 100 + i, 1_000), at(0));
      many.add(lease(1, 1_000));
    }
    assertThat(authority.tick(at(1_000))).hasSize(LeaseAuthority.PROPOSALS_MAX);
    assertThat(authority.tick(at(1_001))).hasSize(many.size() - LeaseAuthority.PROPOSALS_MAX);
  }

  @Test
  void waitingRequestsAreBounded() {
    lead(3, 2_000);
    for (int i = 0; i < LeaseAuthority.WAITING_MAX; i++) {
      assertThat(authority.readArrived(i, 1)).isEmpty();
    }
    authority.beginRound();
    assertThat(authority.readArrived(-1, 1)).first().isInstanceOf(Answer.Unavailable.class);
  }

  @Test
  void timingsThatCannotTellAPauseAreRefused() {
    Duration tick = Duration.ofMillis(100);
    Duration twice = Duration.ofMillis(200);
    assertThat(new AuthorityTimings(tick, twice, tick).pauseLimit()).isEqualTo(twice);
    for (AuthorityTimingsOf wrong :
        List.<AuthorityTimingsOf>of(
            () -> new AuthorityTimings(tick, twice.minusNanos(1), tick),
            () -> new AuthorityTimings(Duration.ZERO, twice, tick),
            () -> new AuthorityTimings(tick, twice, Duration.ZERO))) {
      assertThatThrownBy(wrong::make).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private interface AuthorityTimingsOf {
    AuthorityTimings make();
  }

  @Test
  void readyTwiceIsAMistake() {
    lead(3, 2_000);
    assertThatThrownBy(() -> authority.becameReady(4, at(0), List.of(), VOTERS))
        .isInstanceOf(InvariantViolation.class);
    assertThat(authority.lostLeadership()).isEmpty();
    assertThatThrownBy(() -> authority.becameReady(3, at(0), List.of(), VOTERS))
        .isInstanceOf(InvariantViolation.class);
  }

  private void lead(long term, long ttlMillis) {
    authority.becameReady(term, at(0), List.of(lease(1, ttlMillis)), VOTERS);
  }

  private void stand(LeaseId lease) {
    keys.put(KEY, new KeyValue(KEY, KEY, CREATED, CREATED, 1, lease));
  }

  private Optional<KeyValue> find(Bytes key) {
    return Optional.ofNullable(keys.get(key));
  }

  private static Lease lease(long generation, long ttlMillis) {
    return new Lease(ID, ttlMillis, generation, SortedTree.empty());
  }

  private static AuthorityTimings timings() {
    return new AuthorityTimings(
        Duration.ofMillis(100), Duration.ofMillis(2_000), Duration.ofMillis(500));
  }

  private static BootTime at(long millis) {
    return new BootTime(1_000_000_000L + Duration.ofMillis(millis).toNanos());
  }
}
