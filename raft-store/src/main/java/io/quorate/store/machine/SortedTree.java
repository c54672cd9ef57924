package io.quorate.store.machine;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map: every change gives a new one that shares all but O(log n) nodes with the
 * old.
 *
 * <p>That is what lets reads, snapshots and watches go on in other threads without a lock while the
 * machine applies, and what makes a refused transaction free to undo. A tree balanced by weight
 * (Adams; parameters 3 and 2 as proved by Hirai and Yamamoto), so that counting a range is O(log n)
 * too.
 */
public final class SortedTree<K extends Comparable<? super K>, V> {
  private static final int DELTA = 3;
  private static final int GAMMA = 2;

  private final @Nullable Node<K, V> root;

  private SortedTree(@Nullable Node<K, V> root) {
    this.root = root;
  }

  /** A map with nothing in it. */
  public static <K extends Comparable<? super K>, V> SortedTree<K, V> empty() {
    return new SortedTree<>(null);
  }

  /** Number of keys. */
  public int size() {
    return size(root);
  }

  /** Whether there is no key. */
  public boolean isEmpty() {
    return root == null;
  }

  /** The value under {@code key}; null when it is absent. */
  public @Nullable V get(K key) {
    Node<K, V> node = root;
    while (node != null) {
      int order = key.compareTo(node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  /** This map with {@code value} under {@code key}. */
  public SortedTree<K, V> put(K key, V value) {
    return new SortedTree<>(put(root, key, value));
  }

  /** This map without {@code key}; the same map when the key is absent. */
  public SortedTree<K, V> remove(K key) {
    return get(key) == null ? this : new SortedTree<>(remove(root, key));
  }

  /** The smallest key. */
  public K firstKey() {
    if (root == null) {
      throw new NoSuchElementException("empty map");
    }
    return first(root).key;
  }

  /** Number of keys below {@code key}. */
  public int rank(K key) {
    int below = 0;
    Node<K, V> node = root;
    while (node != null) {
      if (key.compareTo(node.key) <= 0) {
        node = node.left;
      } else {
        below += size(node.left) + 1;
        node = node.right;
      }
    }
    return below;
  }

  /** The entries in key order, from the first key on. */
  public Iterable<Entry<K, V>> entries() {
    return () -> new Ascending<>(root);
  }

  /** The entries in key order, from {@code from} (inclusive) on. */
  public Iterable<Entry<K, V>> entriesFrom(K from) {
    return () -> new Ascending<>(root, from);
  }

  /** Equal to a map with equal entries, whatever the shape of the tree. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof SortedTree<?, ?> that) || that.size() != size()) {
      return false;
    }
    Iterator<? extends Entry<?, ?>> theirs = that.entries().iterator();
    for (Entry<K, V> mine : entries()) {
      Entry<?, ?> their = theirs.next();
      if (!mine.key().equals(their.key()) || !mine.value().equals(their.value())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Entry<K, V> entry : entries()) {
      hash = 31 * (31 * hash + entry.key().hashCode()) + entry.value().hashCode();
    }
    return hash;
  }

  /** The entries, as other maps print them. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "{", "}");
    for (Entry<K, V> entry : entries()) {
      text.add(entry.key() + "=" + entry.value());
    }
    return text.toString();
  }

  /** Whether every node obeys the rule of the balance; for tests. */
  boolean balanced() {
    return balanced(root);
  }

  private static boolean balanced(@Nullable Node<?, ?> node) {
    if (node == null) {
      return true;
    }
    int leftWeight = size(node.left) + 1;
    int rightWeight = size(node.right) + 1;
    return leftWeight <= DELTA * rightWeight
        && rightWeight <= DELTA * leftWeight
        && balanced(node.left)
        && balanced(node.right);
  }

  /** A key and its value. */
  public sealed interface Entry<K, V> {
    /** The key. */
    K key();

    /** Its value. */
    V value();
  }

  private record Node<K, V>(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right, int size)
      implements Entry<K, V> {}

  private static int size(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }

  private static <K, V> Node<K, V> node(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    return new Node<>(key, value, left, right, size(left) + size(right) + 1);
  }

  private static <K extends Comparable<? super K>, V> Node<K, V> put(
      @Nullable Node<K, V> node, K key, V value) {
    if (node == null) {
      return new Node<>(key, value, null, null, 1);
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return new Node<>(key, value, node.left, node.right, node.size);
    }
    return order < 0
        ? balance(node, put(node.left, key, value), node.right)
        : balance(node, node.left, put(node.right, key, value));
  }

  private static <K extends Comparable<? super K>, V> @Nullable Node<K, V> remove(
      @Nullable Node<K, V> node, K key) {
    if (node == null) {
      return null;
    }
    int order = key.compareTo(node.key);
    if (order < 0) {
      return balance(node, remove(node.left, key), node.right);
    }
    if (order > 0) {
      return balance(node, node.left, remove(node.right, key));
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    Node<K, V> next = first(node.right);
    return balance(next, node.left, removeFirst(node.right));
  }

  private static <K, V> Node<K, V> first(Node<K, V> node) {
    Node<K, V> found = node;
    for (Node<K, V> next = node.left; next != null; next = next.left) {
      found = next;
    }
    return found;
  }

  private static <K, V> @Nullable Node<K, V> removeFirst(Node<K, V> node) {
    return node.left == null ? node.right : balance(node, removeFirst(node.left), node.right);
  }

  /** A node with {@code entry}'s key and value over subtrees of which one changed by one key. */
  private static <K, V> Node<K, V> balance(
      Node<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    int leftWeight = size(left) + 1;
    int rightWeight = size(right) + 1;
    if (right != null && rightWeight > DELTA * leftWeight) {
      Node<K, V> inner = right.left;
      if (inner == null || size(inner) + 1 < GAMMA * (size(right.right) + 1)) {
        return node(right.key, right.value, node(entry.key, entry.value, left, inner), right.right);
      }
      return node(
          inner.key,
          inner.value,
          node(entry.key, entry.value, left, inner.left),
          node(right.key, right.value, inner.right, right.right));
    }
    if (left != null && leftWeight > DELTA * rightWeight) {
      Node<K, V> inner = left.right;
      if (inner == null || size(inner) + 1 < GAMMA * (size(left.left) + 1)) {
        return node(left.key, left.value, left.left, node(entry.key, entry.value, inner, right));
      }
      return node(
          inner.key,
          inner.value,
          node(left.key, left.value, left.left, inner.left),
          node(entry.key, entry.value, inner.right, right));
    }
    return node(entry.key, entry.value, left, right);
  }

  /** In-order walk; the stack holds the nodes whose key is still to come, nearest on top. */
  private static final class Ascending<K extends Comparable<? super K>, V>
      implements Iterator<Entry<K, V>> {
    private final ArrayDeque<Node<K, V>> path = new ArrayDeque<>();

    Ascending(@Nullable Node<K, V> root) {
      descendLeft(root);
    }

    Ascending(@Nullable Node<K, V> root, K from) {
      Node<K, V> node = root;
      while (node != null) {
        if (from.compareTo(node.key) <= 0) {
          path.push(node);
          node = node.left;
        } else {
          node = node.right;
        }
      }
    }

    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public Entry<K, V> next() {
      Node<K, V> node = path.pop();
      descendLeft(node.right);
      return node;
    }

    private void descendLeft(@Nullable Node<K, V> from) {
      for (Node<K, V> node = from; node != null; node = node.left) {
        path.push(node);
      }
    }
  }
}
