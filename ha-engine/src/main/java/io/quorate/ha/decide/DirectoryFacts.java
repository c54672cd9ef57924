package io.quorate.ha.decide;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.PostgresStatus;
import java.util.Optional;
import java.util.OptionalLong;

/** What any status tells of the data directory. */
final class DirectoryFacts {

  private DirectoryFacts() {}

  static Optional<DataId> dataId(PostgresStatus status) {
    return switch (status) {
      case PostgresStatus.Stopped stopped -> stopped.dataId();
      case PostgresStatus.Starting starting -> starting.dataId();
      case PostgresStatus.Primary primary -> primary.dataId();
      case PostgresStatus.Standby standby -> standby.dataId();
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Unresponsive _ ->
          Optional.empty();
    };
  }

  static OptionalLong systemIdentifier(PostgresStatus status) {
    return switch (status) {
      case PostgresStatus.Stopped stopped -> OptionalLong.of(stopped.control().systemIdentifier());
      case PostgresStatus.Primary primary -> OptionalLong.of(primary.systemIdentifier());
      case PostgresStatus.Standby standby -> OptionalLong.of(standby.systemIdentifier());
      case PostgresStatus.Starting _,
          PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Unresponsive _ ->
          OptionalLong.empty();
    };
  }
}
