package io.quorate.node;

import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.ha.postgres.LocalPostgres;
import io.quorate.time.BootTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a running PostgreSQL has the settings that it should have: gives it the whole
 * cluster's parameters when they change, and carries out operators' reloads, which read the agent's
 * file again. What PostgreSQL refuses changes nothing and is offered again only once it is another.
 */
final class SettingsChanges
    implements PostgresControl, Consumer<NodeSnapshot>, DynamicConfig.Trial {

  private static final Logger LOG = LoggerFactory.getLogger(SettingsChanges.class);

  private final LocalPostgres postgres;
  private final Executor background;
  private volatile @Nullable Reload reload;
  private @Nullable Map<String, String> offered;

  /**
   * Passes everything on to {@code postgres} until {@link #reloadBy}.
   *
   * @param background may block
   */
  SettingsChanges(LocalPostgres postgres, Executor background) {
    this.postgres = postgres;
    this.background = background;
  }

  /** Settings can be read again from now on. */
  void reloadBy(Reload by) {
    reload = by;
  }

  /** On the engine's thread. */
  @Override
  public void accept(NodeSnapshot snapshot) {
    Reload by = reload;
    boolean runs =
        snapshot.postgres() instanceof PostgresStatus.Primary
            || snapshot.postgres() instanceof PostgresStatus.Standby;
    boolean known = snapshot.cluster().flatMap(ClusterView::settings).isPresent();
    Map<String, String> wanted = snapshot.settings().parameters();
    if (by != null && runs && known && !wanted.equals(offered)) {
      offered = wanted;
      background.execute(() -> by.follow(wanted));
    }
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    Reload by = reload;
    return by != null
            && operation instanceof PostgresOperation.Reload(String _, Map<String, String> cluster)
        ? CompletableFuture.supplyAsync(() -> by.wished(cluster), background)
        : postgres.run(operation);
  }

  @Override
  public CompletionStage<List<String>> objections(Map<String, String> parameters) {
    return CompletableFuture.supplyAsync(() -> postgres.objections(parameters), background)
        .exceptionally(failure -> {
          LOG.warn("PostgreSQL could not be asked about parameters: {}", failure.toString());
          return List.of();
        });
  }

  @Override
  public Optional<String> settingsRefused() {
    Reload by = reload;
    return by == null ? Optional.empty() : by.refused();
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    return postgres.sample();
  }

  @Override
  public Optional<BootTime> answered() {
    return postgres.answered();
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return postgres.endOfWal();
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return postgres.keepDiverged(from, to);
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    return postgres.fence(reason);
  }

  @Override
  public Optional<CopyProgress> copyProgress() {
    return postgres.copyProgress();
  }

  @Override
  public void onProcessChange(Runnable listener) {
    postgres.onProcessChange(listener);
  }
}
