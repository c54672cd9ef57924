package io.quorate.store.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The persistent map against the platform's own. */
class SortedTreeProperties {

  @Property(tries = 300)
  void agreesWithTreeMap(
      @ForAll @Size(max = 300) List<@IntRange(min = -60, max = 60) Integer> changes) {
    SortedTree<Integer, Integer> tree = SortedTree.empty();
    TreeMap<Integer, Integer> map = new TreeMap<>();
    List<SortedTree<Integer, Integer>> earlier = new ArrayList<>();
    List<TreeMap<Integer, Integer>> earlierMaps = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      earlier.add(tree);
      earlierMaps.add(new TreeMap<>(map));
      int key = Math.abs(changes.get(i));
      if (changes.get(i) >= 0) {
        tree = tree.put(key, i);
        map.put(key, i);
      } else {
        tree = tree.remove(key);
        map.remove(key);
      }
      compare(tree, map);
    }
    for (int i = 0; i < earlier.size(); i++) {
      compare(earlier.get(i), earlierMaps.get(i));
    }
  }

  private static void compare(SortedTree<Integer, Integer> tree, SortedMap<Integer, Integer> map) {
    assertThat(tree.size()).isEqualTo(map.size());
    assertThat(tree.isEmpty()).isEqualTo(map.isEmpty());
    assertThat(pairs(tree.entries())).isEqualTo(pairs(map));
    for (int key = -1; key <= 61; key += 7) {
      assertThat(tree.get(key)).isEqualTo(map.get(key));
      assertThat(tree.rank(key)).isEqualTo(map.headMap(key).size());
      assertThat(pairs(tree.entriesFrom(key))).isEqualTo(pairs(map.tailMap(key)));
    }
    if (!map.isEmpty()) {
      assertThat(tree.firstKey()).isEqualTo(map.firstKey());
    }
  }

  /** What holds after any change: no path is much longer than a balanced one. */
  @Property(tries = 50)
  void staysBalanced(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 5_000) Integer> starts,
      @ForAll boolean ascending) {
    SortedTree<Integer, Integer> tree = SortedTree.empty();
    for (int start : starts) {
      for (int i = 0; i < 100; i++) {
        int key = ascending ? start + i : start - i;
        tree = i % 3 == 2 ? tree.remove(key - 1) : tree.put(key, i);
        assertThat(tree.balanced()).isTrue();
      }
    }
  }

  @Example
  void equalityIsByContentNotByShape() {
    SortedTree<Integer, String> up = SortedTree.empty();
    SortedTree<Integer, String> down = SortedTree.empty();
    for (int i = 0; i < 50; i++) {
      up = up.put(i, "v" + i);
      down = down.put(49 - i, "v" + (49 - i));
    }
    assertThat(up).isEqualTo(down).hasSameHashCodeAs(down);
    assertThat(up.put(3, "other")).isNotEqualTo(down);
    assertThat(up.remove(3)).isNotEqualTo(down);
    assertThat(up.remove(99)).isSameAs(up);
    assertThat(up.remove(3).put(-1, "x")).isNotEqualTo(down);
    assertThat(SortedTree.<Integer, String>empty().put(1, "a").put(0, "b"))
        .hasToString("{0=b, 1=a}");
    assertThatThrownBy(SortedTree.<Integer, String>empty()::firstKey)
        .isInstanceOf(NoSuchElementException.class);
  }

  private static List<String> pairs(Iterable<SortedTree.Entry<Integer, Integer>> entries) {
    List<String> pairs = new ArrayList<>();
    entries.forEach(entry -> pairs.add(entry.key() + "=" + entry.value()));
    return pairs;
  }

  private static List<String> pairs(SortedMap<Integer, Integer> map) {
    List<String> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(key + "=" + value));
    return pairs;
  }
}
