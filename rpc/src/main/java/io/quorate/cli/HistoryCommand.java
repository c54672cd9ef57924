package io.quorate.cli;

import io.quorate.proto.admin.v1.HistoryEntry;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate history}. */
@Command(
    name = "history",
    description = "Show every change of timeline; 'explain N' says more of one.",
    mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "pretty, json, yaml or tsv; default pretty.")
  private Format format = Format.PRETTY;

  @Override
  public Integer call() {
    List<HistoryEntry> entries =
        cluster.ask((AdminClient client) -> client.history(cluster.timeout())).getEntriesList();
    PrintWriter out = spec.commandLine().getOut();
    rows(entries).lines(format, Optional.empty()).forEach(out::println);
    out.flush();
    return ExitStatus.DONE;
  }

  static Rows rows(List<HistoryEntry> entries) {
    Rows rows =
        new Rows(
            List.of(
                Rows.Column.right("TL"),
                Rows.Column.right("LSN"),
                Rows.Column.left("Reason"),
                Rows.Column.left("Timestamp"),
                Rows.Column.left("New Leader")));
    for (HistoryEntry entry : entries) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("TL", Integer.toUnsignedLong(entry.getTimeline()));
      row.put("LSN", entry.getLsn());
      row.put("Reason", entry.getReason());
      row.put("Timestamp", entry.getAt());
      row.put("New Leader", entry.getNewPrimary());
      rows.add(row);
    }
    return rows;
  }
}
