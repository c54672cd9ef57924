package io.quorate.rpc.etcd;

import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import java.util.ArrayList;
import java.util.List;

/** Splits a watch's response as etcd does for clients that ask for it. */
final class Fragments {

  private Fragments() {}

  /**
   * {@code whole} in parts of at most {@code bytes}, or of one event each where that is larger; all
   * but the last say that more follows.
   */
  static List<WatchResponse> of(WatchResponse whole, int bytes) {
    if (whole.getSerializedSize() < bytes || whole.getEventsCount() < 2) {
      return List.of(whole);
    }
    int empty = whole.toBuilder().clearEvents().setFragment(true).build().getSerializedSize();
    List<WatchResponse> parts = new ArrayList<>();
    WatchResponse.Builder part = whole.toBuilder().clearEvents();
    int size = empty;
    for (Event event : whole.getEventsList()) {
      // Tag and length of the event in the list.
      int weight = event.getSerializedSize() + 8;
      if (part.getEventsCount() > 0 && size + weight > bytes) {
        parts.add(part.setFragment(true).build());
        part = whole.toBuilder().clearEvents();
        size = empty;
      }
      part.addEvents(event);
      size += weight;
    }
    parts.add(part.setFragment(false).build());
    return parts;
  }
}
