package io.quorate.node.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads YAML into {@link ConfigNode}s. Anchors, aliases and {@code <<} merges are resolved, since
 * Patroni's files use them; a key given twice is an error, since the first would silently be lost.
 */
final class YamlReader {

  /** Nesting beyond this is refused: no setting needs it, and an alias may point at its parent. */
  private static final int DEPTH_MAX = 32;

  private final Validation validation;

  private YamlReader(Validation validation) {
    this.validation = validation;
  }

  /** The mapping that the file consists of; empty with errors recorded if it is none. */
  static Optional<ConfigNode.Fields> read(String text, Validation validation) {
    LoadSettings settings = LoadSettings.builder().setUseMarks(true).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isPresent()
          && new YamlReader(validation).node(root.get(), "", 0)
              instanceof ConfigNode.Fields fields) {
        return Optional.of(fields);
      }
      validation.error(0, "", "must be a YAML mapping of settings, such as 'scope: demo'");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      validation.error(line, "", "not valid YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      validation.error(0, "", "not valid YAML: " + e.getMessage());
    }
    return Optional.empty();
  }

  private ConfigNode node(Node node, String path, int depth) {
    int line = line(node);
    if (depth > DEPTH_MAX) {
      validation.error(line, path, "nested more than " + DEPTH_MAX + " deep");
      return new ConfigNode.Nothing(line);
    }
    return switch (node) {
      case ScalarNode scalar -> scalar(scalar, line);
      case SequenceNode sequence -> {
        List<Node> values = sequence.getValue();
        List<ConfigNode> items = new java.util.ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
          items.add(node(values.get(i), path + "[" + i + "]", depth + 1));
        }
        yield new ConfigNode.Items(items, line);
      }
      case MappingNode mapping -> mapping(mapping, path, depth);
      default -> throw new IllegalStateException("node of type " + node.getNodeType());
    };
  }

  private ConfigNode mapping(MappingNode mapping, String path, int depth) {
    Map<String, ConfigNode.Field> merged = new LinkedHashMap<>();
    Map<String, ConfigNode.Field> own = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        validation.error(line, path, "a key must be text");
        continue;
      }
      String name = key.getValue();
      String at = path.isEmpty() ? name : path + "." + name;
      ConfigNode value = node(tuple.getValueNode(), at, depth + 1);
      if (name.equals("<<") && key.isPlain()) {
        merge(merged, value);
      } else if (own.putIfAbsent(name, new ConfigNode.Field(line, value)) != null) {
        validation.error(line, at, "is given twice: remove one");
      }
    }
    own.forEach(merged::put);
    return new ConfigNode.Fields(merged, line(mapping));
  }

  /** YAML's merge: the keys of what {@code <<} points at, the first of several winning. */
  private void merge(Map<String, ConfigNode.Field> merged, ConfigNode value) {
    switch (value) {
      case ConfigNode.Fields(var fields, int _) -> fields.forEach(merged::putIfAbsent);
      case ConfigNode.Items(var items, int _) -> items.forEach(item -> merge(merged, item));
      case ConfigNode.Text(String _, boolean _, int line) ->
          validation.error(line, "<<", "must point at a mapping");
      case ConfigNode.Nothing _ -> {}
    }
  }

  private static ConfigNode scalar(ScalarNode scalar, int line) {
    String value = scalar.getValue();
    boolean plain = scalar.isPlain();
    return plain && (value.isEmpty() || value.equals("~") || value.equalsIgnoreCase("null"))
        ? new ConfigNode.Nothing(line)
        : new ConfigNode.Text(value, plain, line);
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }
}
