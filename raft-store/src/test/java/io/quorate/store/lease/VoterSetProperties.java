package io.quorate.store.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.store.lease.VoterSet.Verdict;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class VoterSetProperties {

  @Property
  void verdictIsWhatTheVotersStillToAnswerLeaveOpen(
      @ForAll @Size(min = 1, max = 5) Set<@CharRange(from = 'a', to = 'f') Character> current,
      @ForAll @Size(max = 5) Set<@CharRange(from = 'a', to = 'f') Character> outgoing,
      @ForAll Set<@CharRange(from = 'a', to = 'g') Character> yes,
      @ForAll Set<@CharRange(from = 'a', to = 'g') Character> no) {
    VoterSet voters = new VoterSet(names(current), names(outgoing));
    Set<String> said = new TreeSet<>(names(yes));
    Set<String> refused = new TreeSet<>(names(no));
    refused.removeAll(said);
    Set<String> hoped = new TreeSet<>(names(current));
    hoped.addAll(names(outgoing));
    hoped.removeAll(refused);
    assertThat(voters.verdict(said, refused))
        .isEqualTo(
            majorities(voters, said)
                ? Verdict.CONFIRMED
                : majorities(voters, hoped) ? Verdict.PENDING : Verdict.LOST);
  }

  /** Two confirmed sets share a voter: what a lease and an election rest on. */
  @Property
  void twoMajoritiesMeet(
      @ForAll @NotEmpty Set<@CharRange(from = 'a', to = 'g') Character> all,
      @ForAll Set<@CharRange(from = 'a', to = 'g') Character> one,
      @ForAll Set<@CharRange(from = 'a', to = 'g') Character> other) {
    VoterSet voters = new VoterSet(names(all), List.of());
    Set<String> first = new TreeSet<>(names(one));
    Set<String> second = new TreeSet<>(names(other));
    boolean both =
        voters.verdict(first, Set.of()) == Verdict.CONFIRMED
            && voters.verdict(second, Set.of()) == Verdict.CONFIRMED;
    first.retainAll(second);
    assertThat(both && first.isEmpty()).isFalse();
  }

  @Example
  void configurationWithoutVotersIsRefused() {
    assertThatThrownBy(() -> new VoterSet(List.of(), List.of("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static boolean majorities(VoterSet voters, Set<String> yes) {
    return majority(voters.current(), yes)
        && (voters.outgoing().isEmpty() || majority(voters.outgoing(), yes));
  }

  private static boolean majority(List<String> voters, Set<String> yes) {
    return voters.stream().filter(yes::contains).count() * 2 > voters.size();
  }

  private static List<String> names(Set<Character> letters) {
    return letters.stream().map(String::valueOf).toList();
  }
}
