package io.quorate.rpc.etcd;

import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchCreateRequest.FilterType;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.store.ClientStore;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One watch of a stream. */
final class EtcdWatch implements WatchListener {

  private final long id;
  private final EtcdNode node;
  private final WatchOutlet outlet;
  private final Consumer<EtcdWatch> ended;
  private final boolean puts;
  private final boolean deletes;
  private final int fragmentBytes;
  private final boolean wantsProgress;
  private ClientStore.@Nullable ClientWatch watch;
  private boolean closed;

  /** Whether something was sent since it was last asked about; elides the next progress message. */
  private volatile boolean busy;

  /**
   * @param fragmentBytes where the client asked for fragments
   * @param ended called when the store ends the watch
   */
  EtcdWatch(
      long id,
      WatchCreateRequest request,
      EtcdNode node,
      WatchOutlet outlet,
      int fragmentBytes,
      Consumer<EtcdWatch> ended) {
    this.id = id;
    this.node = node;
    this.outlet = outlet;
    this.ended = ended;
    this.puts = !request.getFiltersList().contains(FilterType.NOPUT);
    this.deletes = !request.getFiltersList().contains(FilterType.NODELETE);
    this.fragmentBytes = request.getFragment() ? fragmentBytes : Integer.MAX_VALUE;
    this.wantsProgress = request.getProgressNotify();
  }

  long id() {
    return id;
  }

  boolean wantsProgress() {
    return wantsProgress;
  }

  /** Whether something was sent since the last call. */
  boolean wasBusy() {
    boolean was = busy;
    busy = false;
    return was;
  }

  /** The store's watch behind this one; closes it where this one is closed already. */
  synchronized void attach(ClientStore.ClientWatch running) {
    watch = running;
    if (closed) {
      running.close();
    }
  }

  /** Up to which revision everything was handed to the client; NONE: not known. */
  synchronized Revision delivered() {
    return watch == null ? Revision.NONE : watch.delivered();
  }

  /** Ends the store's watch. Must not be called where the listener may wait for this stream. */
  void close() {
    ClientStore.ClientWatch running;
    synchronized (this) {
      closed = true;
      running = watch;
    }
    if (running != null) {
      running.close();
    }
  }

  @Override
  public void onEvents(Revision revision, List<WatchEvent> events) {
    WatchResponse.Builder response =
        WatchResponse.newBuilder().setHeader(node.header(revision)).setWatchId(id);
    for (WatchEvent event : events) {
      if (event instanceof WatchEvent.Put ? puts : deletes) {
        response.addEvents(ToEtcd.event(event));
      }
    }
    if (response.getEventsCount() > 0) {
      busy = true;
      outlet.sendWhenReady(Fragments.of(response.build(), fragmentBytes));
    }
  }

  @Override
  public void onEnded(StoreError reason, Revision compactRevision) {
    WatchResponse.Builder response =
        WatchResponse.newBuilder().setHeader(node.header()).setWatchId(id).setCanceled(true);
    if (reason.code() == StoreError.Code.COMPACTED) {
      response.setCompactRevision(Math.max(1, compactRevision.value()));
    } else {
      response.setCancelReason(String.valueOf(EtcdErrors.of(reason).getDescription()));
    }
    outlet.sendWhenReady(List.of(response.build()));
    ended.accept(this);
  }
}
