package io.quorate.rpc.rest;

import tools.jackson.databind.JsonNode;

/** Fields of a request's body. */
final class JsonBody {

  private final JsonNode json;

  private JsonBody(JsonNode json) {
    this.json = json;
  }

  /** {@code text} is a JSON object. */
  static JsonBody of(String text) {
    return new JsonBody(PythonJson.read(text, PythonJson.object()));
  }

  boolean has(String field) {
    return json.has(field);
  }

  Iterable<String> names() {
    return json.propertyNames();
  }

  /** A scalar as text; empty where it is absent or null. */
  String text(String field) {
    JsonNode value = json.path(field);
    return value.isNull() || value.isContainer() ? "" : value.asString("");
  }

  /** Whether it is there as {@code true} or {@code false}. */
  boolean isFlag(String field) {
    return json.path(field).isBoolean();
  }

  boolean isTrue(String field) {
    return text(field).equalsIgnoreCase("true");
  }
}
