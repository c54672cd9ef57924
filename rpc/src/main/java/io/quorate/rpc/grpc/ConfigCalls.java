package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.cluster.ConfigEdit;
import io.quorate.proto.admin.v1.Config;
import io.quorate.proto.admin.v1.EditConfigRequest;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The calls about the dynamic configuration. */
final class ConfigCalls {

  private final DynamicConfig config;

  ConfigCalls(DynamicConfig config) {
    this.config = config;
  }

  void read(StreamObserver<Config> observer) {
    answer(config.read(), observer);
  }

  void edit(EditConfigRequest request, StreamObserver<Config> observer) {
    Optional<ConfigEdit> edit =
        switch (request.getChangeCase()) {
          case MERGE -> Optional.of(new ConfigEdit.Merge(request.getMerge()));
          case REPLACE -> Optional.of(new ConfigEdit.Replace(request.getReplace()));
          case CHANGE_NOT_SET -> Optional.empty();
        };
    if (edit.isEmpty()) {
      observer.onError(
          Errors.of(
              Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", "neither merge nor replace is set"));
      return;
    }
    OptionalLong expected =
        request.getIfRevision() == 0
            ? OptionalLong.empty()
            : OptionalLong.of(request.getIfRevision());
    answer(config.change(edit.get(), expected), observer);
  }

  private static void answer(
      CompletionStage<DynamicConfig.Result> stage, StreamObserver<Config> observer) {
    var _ =
        stage.whenComplete((result, failure) -> {
          if (failure != null) {
            observer.onError(
                Errors.of(Status.Code.UNKNOWN, "OUTCOME_UNKNOWN", Causes.root(failure)));
          } else if (result instanceof DynamicConfig.Result.Stands stands) {
            observer.onNext(
                Config.newBuilder()
                    .setJson(stands.json())
                    .setRevision(stands.revision())
                    .setChanged(stands.changed())
                    .addAllIgnored(stands.ignored())
                    .build());
            observer.onCompleted();
          } else {
            observer.onError(error(result));
          }
        });
  }

  private static StatusRuntimeException error(DynamicConfig.Result result) {
    return switch (result) {
      case DynamicConfig.Result.Stands _ -> throw new IllegalStateException("no error");
      case DynamicConfig.Result.Missing _ ->
          Errors.of(
              Status.Code.NOT_FOUND,
              "NO_CONFIG",
              "there is no configuration: no cluster was made yet");
      case DynamicConfig.Result.Invalid(var errors) ->
          Errors.of(
              Status.Code.INVALID_ARGUMENT, "CONFIG_INVALID", String.join("; ", errors), errors);
      case DynamicConfig.Result.Conflict(long revision) ->
          Errors.of(
              Status.Code.ABORTED,
              "CONFIG_CONFLICT",
              "the configuration was changed meanwhile, at revision "
                  + revision
                  + ": look at it and ask again");
      case DynamicConfig.Result.Unavailable(String why) ->
          Errors.of(
              Status.Code.UNAVAILABLE, "STORE_UNAVAILABLE", "the store does not answer: " + why);
      case DynamicConfig.Result.Unknown(String why) ->
          Errors.of(
              Status.Code.UNKNOWN,
              "OUTCOME_UNKNOWN",
              "it is not known whether the configuration was changed (" + why + "): look at it");
    };
  }
}
