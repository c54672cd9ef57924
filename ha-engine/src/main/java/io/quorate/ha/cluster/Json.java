package io.quorate.ha.cluster;

import io.quorate.store.Bytes;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Compact JSON, and reading it without trusting what stands there. */
final class Json {

  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static Bytes bytes(JsonNode node) {
    return Bytes.of(MAPPER.writeValueAsBytes(node));
  }

  /** What {@code bytes} say, if they are a JSON object. */
  static Optional<JsonNode> read(Bytes bytes) {
    try {
      return Optional.of(MAPPER.readTree(bytes.toByteArray()));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static Optional<String> text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
  }

  static String requiredText(JsonNode node, String field) {
    return text(node, field)
        .orElseThrow(() -> new IllegalArgumentException("field '" + field + "' is missing"));
  }

  static OptionalLong number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isIntegralNumber() ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
  }

  static long requiredNumber(JsonNode node, String field) {
    return number(node, field)
        .orElseThrow(() -> new IllegalArgumentException("field '" + field + "' is missing"));
  }

  static boolean flag(JsonNode node, String field) {
    return node.path(field).isBoolean() && node.path(field).booleanValue();
  }
}
