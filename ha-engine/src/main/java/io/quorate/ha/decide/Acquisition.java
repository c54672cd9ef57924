package io.quorate.ha.decide;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import java.util.List;

/**
 * How the key is to be taken after a round.
 *
 * @param round the ended epoch, which must still be the last
 * @param counted pledges that must still stand as they were counted
 * @param timeline reserved: above every id reserved or seen before
 * @param sync the record taken over
 */
public record Acquisition(
    Epoch round,
    DataId dataId,
    EndOfWal end,
    List<Pledge> counted,
    TimelineId timeline,
    SyncRecord sync,
    EpochRecord.Cause cause) {
  /** Copies the list. */
  public Acquisition {
    counted = List.copyOf(counted);
  }
}
