package io.quorate.rpc.rest;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON as Python's default encoder writes it, which is what readers of Patroni's API know. */
final class PythonJson {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS'+00:00'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private PythonJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** Reads {@code text}; {@code otherwise} when it is no JSON. */
  static JsonNode read(String text, JsonNode otherwise) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      return otherwise;
    }
  }

  /** {@code YYYY-MM-DD HH:MM:SS.ffffff+00:00}. */
  static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** The text, with a space after each comma and colon and nothing but ASCII. */
  static String write(JsonNode node) {
    StringBuilder out = new StringBuilder(256);
    write(node, out);
    return out.toString();
  }

  private static void write(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      out.append('{');
      Iterator<Map.Entry<String, JsonNode>> fields = node.properties().iterator();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        text(field.getKey(), out);
        out.append(": ");
        write(field.getValue(), out);
        out.append(fields.hasNext() ? ", " : "");
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      Iterator<JsonNode> items = node.iterator();
      while (items.hasNext()) {
        write(items.next(), out);
        out.append(items.hasNext() ? ", " : "");
      }
      out.append(']');
    } else if (node.isString()) {
      text(node.stringValue(), out);
    } else {
      out.append(node);
    }
  }

  private static void text(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || c > 0x7e) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
