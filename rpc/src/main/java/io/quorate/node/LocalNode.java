package io.quorate.node;

import io.quorate.cli.CliException;
import io.quorate.cli.ExitStatus;
import io.quorate.cli.NodeVerbs;
import io.quorate.cli.Version;
import io.quorate.node.config.ConfigLoader;
import io.quorate.node.config.ConfigResult;
import io.quorate.node.config.NodeConfig;
import io.quorate.rpc.access.Login;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The verbs of the command line that need a member's file. */
public final class LocalNode implements NodeVerbs {

  /** For the service loader. */
  public LocalNode() {}

  private static ConfigResult load(Path file) {
    return ConfigLoader.withEnvironment(System.getenv()).load(file);
  }

  @Override
  public void expectSignals() {
    Signals _ = Signals.install();
  }

  @Override
  public int run(Path file, PrintWriter err) {
    return switch (load(file)) {
      case ConfigResult.Valid valid -> NodeRunner.run(file, valid, Version.text());
      case ConfigResult.Invalid(List<String> errors) -> refused(errors, err);
    };
  }

  @Override
  public int validate(Path file, PrintWriter out, PrintWriter err) {
    return switch (load(file)) {
      case ConfigResult.Valid valid -> {
        valid.notices().forEach(notice -> out.println("note: " + notice));
        valid.ignored().forEach(ignored -> out.println("without effect: " + ignored));
        out.println(file + ": valid");
        out.flush();
        yield 0;
      }
      case ConfigResult.Invalid(List<String> errors) -> refused(errors, err);
    };
  }

  private static int refused(List<String> errors, PrintWriter err) {
    errors.forEach(error -> err.println("error: " + error));
    err.flush();
    return ExitStatus.REFUSED;
  }

  @Override
  public int recoverMajority(
      Path file, BooleanSupplier confirmed, PrintWriter out, PrintWriter err) {
    return switch (load(file)) {
      case ConfigResult.Valid valid ->
          new MajorityLoss(valid.config(), out, err).recover(confirmed);
      case ConfigResult.Invalid(List<String> errors) -> refused(errors, err);
    };
  }

  @Override
  public Contact contact(Path file) {
    return switch (load(file)) {
      case ConfigResult.Valid valid -> contact(valid.config());
      case ConfigResult.Invalid(List<String> errors) ->
          throw new CliException(String.join("\nerror: ", errors));
    };
  }

  private static Contact contact(NodeConfig config) {
    List<String> addresses = new ArrayList<>();
    addresses.add(config.grpc().connect().toString());
    config.raft().members().stream()
        .filter(member -> !member.name().equals(config.name()))
        .forEach(member -> addresses.add(member.grpcAddress().toString()));
    return new Contact(
        addresses, config.access().ctl().map(Login::authorization), config.tls().ctl());
  }
}
