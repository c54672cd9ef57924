package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Membership.Change;
import io.quorate.store.raft.MemberRules.Verdict;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class MemberRulesTest {

  private static final Voters THREE = voters("a-1", "b-1", "c-1");

  @Test
  void removingNeedsAMajorityOfThoseThatRemain() {
    Change remove = new Change.Remove("c", "c-1");
    assertThat(judge(remove, THREE, "b-1"))
        .isEqualTo(new Verdict.Become(voters("a-1", "b-1").current(), List.of()));
    assertThat(judge(remove, THREE, "c-1")).isInstanceOf(Verdict.Refused.class);
    assertThat(judge(remove, voters("a-1", "c-1")))
        .isEqualTo(new Verdict.Become(voters("a-1").current(), List.of()));
    assertThat(judge(new Change.Remove("a", "a-1"), voters("a-1")))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void aLeaderHandsOverBeforeItIsRemoved() {
    assertThat(judge(new Change.Remove("a", "a-1"), THREE, "c-1", "b-1"))
        .isEqualTo(new Verdict.HandOver("b-1"));
  }

  @Test
  void repeatsOfWhatWasDoneSayThatItIs() {
    assertThat(judge(new Change.Remove("c", "c-0"), THREE)).isInstanceOf(Verdict.Done.class);
    assertThat(judge(new Change.Remove("d", "d-1"), THREE)).isInstanceOf(Verdict.Done.class);
    assertThat(judge(new Change.Replace("c", "c-0"), THREE)).isInstanceOf(Verdict.Done.class);
    assertThat(judge(new Change.Add("c", "c-1:1", "c-1:2"), THREE))
        .isInstanceOf(Verdict.Done.class);
  }

  @Test
  void onlyWhoIsGoneIsReplaced() {
    assertThat(judge(new Change.Replace("c", "c-1"), THREE, "c-1"))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(judge(new Change.Replace("a", "a-1"), THREE)).isInstanceOf(Verdict.Refused.class);
    assertThat(judge(new Change.Replace("c", "c-1"), THREE, "b-1"))
        .isInstanceOf(Verdict.Await.class);
  }

  @Test
  void aNameIsNotGivenTwice() {
    assertThat(judge(new Change.Add("c", "x:1", "x:2"), THREE)).isInstanceOf(Verdict.Refused.class);
    assertThat(judge(new Change.Add("d", "x:1", "x:2"), THREE)).isInstanceOf(Verdict.Await.class);
  }

  @Test
  void aNewMemberNeedsANameAndTwoAddressesOfItsOwn() {
    assertThat(
            List.of(
                judge(new Change.Add("d 1", "x:1", "x:2"), THREE),
                judge(new Change.Add("d", "x", "x:2"), THREE),
                judge(new Change.Add("d", "x:1", "x:65536"), THREE),
                judge(new Change.Add("d", "x:1", "x:1"), THREE),
                judge(new Change.Add("d", "c-1:2", "x:2"), THREE)))
        .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Verdict.Refused.class));
  }

  private static Verdict judge(Change change, Voters voters, String... reachable) {
    return MemberRules.judge(change, voters, "a-1", Set.of(reachable)::contains, _ -> 0);
  }

  @Test
  void onlyAListenerThatAnswersAndIsUpToDateIsPromoted() {
    Voters.Peer listener = voters("d-1").current().getFirst();
    Voters four = new Voters(1, THREE.current(), List.of(), List.of(listener));
    Change promote = new Change.Promote("d");
    assertThat(judge(promote, four)).isInstanceOf(Verdict.Refused.class);
    long most = MemberRules.BEHIND_MAX;
    assertThat(MemberRules.judge(promote, four, "a-1", _ -> true, _ -> most + 1))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, refused -> assertThat(refused.text()).contains("101 entries"));
    assertThat(MemberRules.judge(promote, four, "a-1", _ -> true, _ -> most))
        .isEqualTo(new Verdict.Become(voters("a-1", "b-1", "c-1", "d-1").current(), List.of()));
    assertThat(judge(new Change.Promote("c"), four)).isInstanceOf(Verdict.Done.class);
    assertThat(judge(new Change.Promote("e"), four)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void aListenerIsRemovedWhoeverAnswersAndIsNoVoterByAnotherAdd() {
    Voters.Peer listener = voters("d-1").current().getFirst();
    Voters four = new Voters(1, THREE.current(), List.of(), List.of(listener));
    assertThat(judge(new Change.Remove("d", "d-1"), four))
        .isEqualTo(new Verdict.Become(THREE.current(), List.of()));
    assertThat(judge(new Change.Add("d", "d-1:1", "d-1:2", true), four))
        .isInstanceOf(Verdict.Done.class);
    assertThat(judge(new Change.Add("d", "d-1:1", "d-1:2"), four))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(judge(new Change.Add("c", "c-1:1", "c-1:2", true), four))
        .isInstanceOf(Verdict.Refused.class);
  }

  private static Voters voters(String... ids) {
    return new Voters(
        1,
        Stream.of(ids).map(id -> new Voters.Peer(id, id + ":1", id + ":2")).toList(),
        List.of(),
        List.of());
  }
}
