package io.quorate.rpc.rest;

import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.cluster.ConfigEdit;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** {@code PATCH} and {@code PUT /config}, with Patroni's codes. */
final class ConfigActions {

  private final DynamicConfig config;

  ConfigActions(DynamicConfig config) {
    this.config = config;
  }

  CompletionStage<RestApi.Reply> patch(String body) {
    return config
        .change(new ConfigEdit.Merge(body), OptionalLong.empty())
        .thenApply(result -> reply(result, 503));
  }

  CompletionStage<RestApi.Reply> put(String body) {
    return config
        .change(new ConfigEdit.Replace(body), OptionalLong.empty())
        .thenApply(result -> reply(result, 502));
  }

  /** {@code failed} is Patroni's code for a store that did not do it: it differs by method. */
  private static RestApi.Reply reply(DynamicConfig.Result result, int failed) {
    return switch (result) {
      case DynamicConfig.Result.Stands stands ->
          RestApi.Reply.json(PythonJson.write(PythonJson.read(stands.json(), PythonJson.object())));
      case DynamicConfig.Result.Missing _ ->
          RestApi.Reply.text(failed, "there is no configuration: no cluster was made yet");
      case DynamicConfig.Result.Invalid(var errors) ->
          RestApi.Reply.text(400, String.join("\n", errors));
      case DynamicConfig.Result.Conflict _ ->
          RestApi.Reply.text(409, "the configuration was changed meanwhile: ask again");
      case DynamicConfig.Result.Unavailable(String why) ->
          RestApi.Reply.text(failed, "the store does not answer: " + why);
      case DynamicConfig.Result.Unknown(String why) ->
          RestApi.Reply.text(
              failed, "status unknown: it may have been changed or not (" + why + ")");
    };
  }
}
