package io.quorate.store.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;

/** Keeps the {@link CommitNote} of one run of the Raft server, and heeds the one before. */
final class CommitNotes {
  private final Path logDir;
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable CommitNote latest;

  /**
   * @param logDir holds a directory for each group
   */
  CommitNotes(Path logDir) {
    this.logDir = logDir;
  }

  /**
   * What was noted to be committed is, and so is applied without waiting for a leader's word. Only
   * once the server runs.
   */
  void recall(RaftServer.Division division) {
    CommitNote.read(group(division))
        .ifPresent(note -> {
          RaftLog log = division.getRaftLog();
          TermIndex entry = log.getTermIndex(note.index());
          if (entry != null && entry.getTerm() == note.term()) {
            log.updateCommitIndex(note.index(), note.term(), false);
          }
        });
  }

  /** Notes the last entry that was applied, if that is another one than last time. May block. */
  void note(RaftServer.Division division) throws IOException {
    writing.lock();
    try {
      @Nullable TermIndex applied = division.getStateMachine().getLastAppliedTermIndex();
      if (applied == null || applied.getIndex() < 0) {
        return;
      }
      CommitNote note = new CommitNote(applied.getTerm(), applied.getIndex());
      if (!note.equals(latest)) {
        note.write(group(division));
        latest = note;
      }
    } finally {
      writing.unlock();
    }
  }

  private Path group(RaftServer.Division division) {
    return logDir.resolve(division.getMemberId().getGroupId().getUuid().toString());
  }
}
