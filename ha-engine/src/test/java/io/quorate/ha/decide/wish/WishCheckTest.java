package io.quorate.ha.decide.wish;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.decide.ViewFacts;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WishCheckTest {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final MemberName DB1 = new MemberName("db1");
  private static final MemberName DB2 = new MemberName("db2");
  private static final MemberName DB3 = new MemberName("db3");
  private static final MemberName NOBODY = new MemberName("db9");

  private static Optional<Refusal.Code> code(Wish wish, ClusterView view) {
    return WishCheck.objection(wish, view, NOW).map(Refusal::code);
  }

  private static Wish switchover(MemberName candidate) {
    return new Wish.Switchover(Optional.empty(), Optional.of(candidate), Optional.empty());
  }

  @Test
  void aSwitchoverNeedsAFitCandidate() {
    ClusterView view = ViewFacts.attached();
    assertThat(code(switchover(DB2), view)).isEmpty();
    assertThat(code(switchover(NOBODY), view)).contains(Refusal.Code.MEMBER_UNKNOWN);
    assertThat(code(switchover(DB1), view)).contains(Refusal.Code.MEMBER_IS_PRIMARY);
    assertThat(code(switchover(DB2), ViewFacts.quiet()))
        .contains(Refusal.Code.CANDIDATE_NOT_ATTACHED);
    Wish any = new Wish.Switchover(Optional.empty(), Optional.empty(), Optional.empty());
    assertThat(code(any, view)).isEmpty();
    assertThat(code(any, ViewFacts.quiet())).contains(Refusal.Code.NO_CANDIDATE);
  }

  @Test
  void theNamedPrimaryHasToBeThePrimary() {
    Wish wish = new Wish.Switchover(Optional.of(DB2), Optional.empty(), Optional.empty());
    assertThat(code(wish, ViewFacts.attached())).contains(Refusal.Code.PRIMARY_IS_ANOTHER);
    assertThat(code(switchover(DB2), ViewFacts.withoutPrimary())).contains(Refusal.Code.NO_PRIMARY);
  }

  @Test
  void aTimeThatHasPassedIsRefused() {
    Wish wish = new Wish.Switchover(Optional.empty(), Optional.of(DB2), Optional.of(NOW));
    assertThat(code(wish, ViewFacts.attached())).contains(Refusal.Code.SCHEDULED_IN_THE_PAST);
  }

  @Test
  void oneAtATime() {
    Intent open = new Intent("1", switchover(DB2), "cli", NOW, Intent.Progress.pending("asked"), 5);
    ClusterView busy = ViewFacts.attached(open);
    assertThat(code(new Wish.Failover(DB2, true), busy)).contains(Refusal.Code.ALREADY_IN_PROGRESS);
    assertThat(code(new Wish.Reload(DB2), busy)).isEmpty();
    ClusterView after =
        ViewFacts.attached(open.with(open.progress().with(Intent.State.FAILED, "x")));
    assertThat(code(switchover(DB2), after)).isEmpty();
  }

  @Test
  void lossIsAcceptedInSoManyWords() {
    ClusterView none = ViewFacts.withoutPrimary();
    assertThat(code(new Wish.Failover(DB2, false), none))
        .contains(Refusal.Code.DATA_LOSS_NOT_ACCEPTED);
    assertThat(code(new Wish.Failover(DB2, true), none)).isEmpty();
    assertThat(code(new Wish.Failover(DB2, false), ViewFacts.attached())).isEmpty();
    assertThat(Fitness.of(DB2, none).loss()).startsWith("up to ");
  }

  @Test
  void nothingIsWishedOfAWitness() {
    ClusterView view = ViewFacts.withWitness();
    Wish later =
        new Wish.Switchover(Optional.empty(), Optional.of(DB3), Optional.of(NOW.plusSeconds(60)));
    Wish restart =
        new Wish.Restart(
            DB3,
            Optional.empty(),
            new Wish.Only(Optional.empty(), Optional.empty(), false),
            Optional.empty());
    for (Wish wish :
        List.of(
            switchover(DB3),
            later,
            new Wish.Failover(DB3, true),
            restart,
            new Wish.Reload(DB3),
            new Wish.Reinit(DB3))) {
      assertThat(WishCheck.objection(wish, view, NOW))
          .as("%s", wish)
          .hasValue(
              new Refusal(
                  Refusal.Code.MEMBER_IS_WITNESS,
                  "db3 is a witness: it votes in the store and has no PostgreSQL"));
    }
    assertThat(code(switchover(DB2), view)).isEmpty();
    Wish any = new Wish.Switchover(Optional.empty(), Optional.empty(), Optional.empty());
    assertThat(code(any, view)).isEmpty();
    assertThat(Fitness.ofAll(view)).extracting(Fitness::fit).containsExactly(true, false);
  }

  @Test
  void thePrimaryIsNotMadeAnew() {
    assertThat(code(new Wish.Reinit(DB1), ViewFacts.attached()))
        .contains(Refusal.Code.MEMBER_IS_PRIMARY);
    assertThat(code(new Wish.Reinit(DB2), ViewFacts.attached())).isEmpty();
    assertThat(code(new Wish.Reinit(DB2), ViewFacts.withoutPrimary()))
        .contains(Refusal.Code.NO_PRIMARY);
  }
}
