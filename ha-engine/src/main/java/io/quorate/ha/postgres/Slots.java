package io.quorate.ha.postgres;

import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Physical replication slots. Which of them are Quorate's is noted in a file: others' are never
 * touched.
 */
final class Slots {

  private final Instance instance;

  Slots(Instance instance) {
    this.instance = instance;
  }

  /** Names of the slots that are Quorate's to make and to drop. */
  SortedSet<String> owned() {
    try {
      return new TreeSet<>(DurableFiles.readOrEmpty(file()).lines().toList());
    } catch (IOException e) {
      throw new PostgresFailure(file() + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * Makes and drops until exactly {@code wanted} exist of Quorate's, each fit for use: one whose
   * WAL was removed is made anew. A slot that is in use is left for the next time.
   */
  void ensure(Sql sql, SortedSet<String> wanted) throws IOException {
    SortedSet<String> own = owned();
    List<Slot> present =
        sql.query(
            "SELECT slot_name, slot_type, active, coalesce(wal_status = 'lost', false)"
                + " FROM pg_replication_slots",
            row -> new Slot(row.text(1), row.text(2), row.flag(3), row.flag(4)));
    SortedSet<String> names = new TreeSet<>(present.stream().map(Slot::name).toList());
    SortedSet<String> all = new TreeSet<>(own);
    all.addAll(wanted);
    note(all);
    List<String> inUse = new ArrayList<>();
    for (Slot slot : present) {
      if (own.contains(slot.name()) && (slot.lost() || !wanted.contains(slot.name()))) {
        if (slot.active()) {
          inUse.add(slot.name());
        } else {
          sql.execute("SELECT pg_drop_replication_slot('" + slot.name() + "')");
          names.remove(slot.name());
        }
      }
      if (wanted.contains(slot.name()) && !slot.type().equals("physical")) {
        throw new PostgresFailure(
            "the replication slot "
                + slot.name()
                + " is a logical one: drop it or rename the member");
      }
    }
    for (String name : wanted) {
      if (!names.contains(name)) {
        sql.execute("SELECT pg_create_physical_replication_slot('" + name + "', true)");
      }
    }
    SortedSet<String> now = new TreeSet<>(wanted);
    now.addAll(inUse);
    note(now);
  }

  private record Slot(String name, String type, boolean active, boolean lost) {}

  private void note(SortedSet<String> names) throws IOException {
    if (!names.equals(owned())) {
      DurableFiles.makeDirectory(instance.stateDir());
      DurableFiles.write(file(), String.join("\n", names) + "\n");
    }
  }

  private Path file() {
    return instance.stateDir().resolve("slots");
  }
}
