package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our reading of WAL against pg_waldump's, record by record. */
final class WalReaderTest {

  private static final Pattern RECORD =
      Pattern.compile("rmgr: (\\w+) .* lsn: ([0-9A-F]+/[0-9A-F]+), .*desc: (\\S+).*");

  private RealPostgres world;
  private Member a;

  @BeforeEach
  void begin() throws Exception {
    world = new RealPostgres();
    a = world.initialized("a");
    a.startPrimary();
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private Instance instance() {
    return new Instance(a.config);
  }

  private ControlData control() {
    return ControlData.read(RealPostgres.launcher(), instance());
  }

  private List<WalReader.WalRecord> read(Lsn from) throws Exception {
    List<WalReader.WalRecord> records = new ArrayList<>();
    try (WalSegments segments = new LocalWal(instance(), control()).historyOf(TimelineId.FIRST)) {
      WalReader reader = new WalReader(segments, control().facts().systemIdentifier(), from);
      for (Optional<WalReader.WalRecord> record = reader.next();
          record.isPresent();
          record = reader.next()) {
        records.add(record.get());
      }
      assertThat(reader.problem()).isNotEmpty();
    }
    return records;
  }

  private List<Matcher> dump(Lsn from) {
    ProcessLauncher.Finished finished =
        RealPostgres.launcher()
            .run(
                List.of(
                    "bash",
                    "-c",
                    RealPostgres.BIN.resolve("pg_waldump")
                        + " -p "
                        + instance().walDir()
                        + " -s "
                        + from
                        + " > "
                        + a.home.resolve("dump")
                        + " 2>/dev/null; true"),
                java.util.Map.of(),
                "",
                Duration.ofMinutes(1),
                line -> {});
    assertThat(finished.exit()).isZero();
    try {
      return java.nio.file.Files.readAllLines(a.home.resolve("dump")).stream()
          .map(RECORD::matcher)
          .filter(Matcher::matches)
          .toList();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void everyRecordIsTheSameAsPgWaldumps() throws Exception {
    a.execute("CHECKPOINT");
    Lsn from = control().redo();
    a.execute("CREATE TABLE t(x text)");
    for (int i = 0; i < 40; i++) {
      // Of all lengths, so that records and their headers end everywhere on their pages.
      a.execute("INSERT INTO t SELECT repeat('x', n * 7) FROM generate_series(1, 300) n");
    }
    a.execute("SELECT pg_logical_emit_message(false, 'long', repeat('y', 3000000))");
    a.execute("SELECT pg_switch_wal()");
    a.execute("INSERT INTO t VALUES ('after the switch')");
    Lsn flushed = a.flushed();
    a.crash();

    List<WalReader.WalRecord> ours = read(from);
    List<Matcher> theirs = dump(from);
    assertThat(ours).hasSizeGreaterThan(5000).hasSameSizeAs(theirs);
    int commits = 0;
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i).start()).isEqualTo(Lsn.parse(theirs.get(i).group(2)));
      boolean commit =
          theirs.get(i).group(1).equals("Transaction")
              && theirs.get(i).group(3).startsWith("COMMIT");
      assertThat(ours.get(i).commit()).isEqualTo(commit);
      commits += commit ? 1 : 0;
    }
    assertThat(ours.getLast().end()).isGreaterThanOrEqualTo(flushed);
    assertThat(a.endOfWal()).isEqualTo(new EndOfWal(TimelineId.FIRST, ours.getLast().end()));
    assertThat(commits).isGreaterThanOrEqualTo(41);
    // What PostgreSQL itself makes of it.
    assertThat(a.freeze(1).lsn()).isEqualTo(ours.getLast().end());
  }

  @Test
  void aDamagedByteEndsIt() throws Exception {
    a.execute("CHECKPOINT");
    Lsn from = control().redo();
    a.execute("CREATE TABLE t(x text); INSERT INTO t SELECT repeat('x', 200)");
    a.execute("INSERT INTO t VALUES ('to be damaged, in the last record but some')");
    a.crash();
    List<WalReader.WalRecord> whole = read(from);
    WalReader.WalRecord victim = whole.get(whole.size() - 2);
    try (WalSegments segments = new LocalWal(instance(), control()).historyOf(TimelineId.FIRST)) {
      Path file = segments.file(segments.segmentOf(victim.start())).orElseThrow();
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        long offset = victim.start().value() % segments.segmentBytes() + 25;
        bytes.seek(offset);
        int old = bytes.read();
        bytes.seek(offset);
        bytes.write(old ^ 1);
      }
    }
    assertThat(read(from)).isEqualTo(whole.subList(0, whole.size() - 2));
    assertThat(a.endOfWal().lsn()).isEqualTo(victim.start());
  }

  @Test
  void aPrimaryThatWasPromotedIsReadOverTheFork() throws Exception {
    a.succeed(new io.quorate.ha.port.PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    EndOfWal end = a.freeze(1);
    a.promote(2, end, 3);
    a.execute("CREATE TABLE on_three(x int)");
    Lsn flushed = a.flushed();
    a.crash();
    EndOfWal found = a.endOfWal();
    assertThat(found.timeline()).isEqualTo(new TimelineId(3));
    assertThat(found.lsn()).isGreaterThanOrEqualTo(flushed);
    assertThat(a.freeze(2)).isEqualTo(found);
  }

  @Test
  void aBaseBackupIsReadFromItsLabel() throws Exception {
    Member b = world.member("b");
    b.succeed(new io.quorate.ha.port.PostgresOperation.Clone(a.source(1), RealPostgres.dataId(9)));
    assertThat(b.config.dataDir().resolve("backup_label")).exists();
    assertThat(b.endOfWal()).isEqualTo(b.freeze(1));
  }
}
