package io.quorate.node.config;

import io.quorate.rpc.tls.ClientTls;
import io.quorate.rpc.tls.TlsFiles;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads how ports are secured. The files themselves are read when the agent starts. */
final class TlsReader {

  private final Section root;

  private TlsReader(Section root) {
    this.root = root;
  }

  static NodeConfig.Tls read(Section root) {
    return new TlsReader(root).read();
  }

  /** Whether the port of {@code section} is secured with the member's certificate. */
  static boolean secures(Section root, Section section) {
    return root.has("tls") && !section.flag("insecure_plaintext", false);
  }

  private NodeConfig.Tls read() {
    Optional<TlsFiles> node = node();
    Optional<NodeConfig.RestTls> rest = rest(node);
    return new NodeConfig.Tls(
        node,
        node.isPresent() && secures(root, root.section("raft")),
        node.isPresent() && secures(root, root.section("grpc")),
        node.isPresent() && secures(root, root.section("etcd_api")),
        rest,
        ctl(node));
  }

  private Optional<TlsFiles> node() {
    if (!root.has("tls")) {
      return Optional.empty();
    }
    Section section = root.section("tls");
    PatroniKeys.TLS.check(section);
    if (root.flag("insecure_plaintext", false)) {
      root.error(
          "insecure_plaintext",
          "contradicts tls: remove it here, or set it in the section of the one port that is to"
              + " speak plain text");
    }
    Optional<Path> certificate = required(section, "cert_file", "/etc/quorate/tls/member.crt");
    Optional<Path> key = required(section, "key_file", "/etc/quorate/tls/member.key");
    Optional<Path> authority = required(section, "ca_file", "/etc/quorate/tls/ca.crt");
    return certificate.isEmpty() || key.isEmpty() || authority.isEmpty()
        ? Optional.empty()
        : Optional.of(new TlsFiles(certificate.get(), key.get(), authority, TlsFiles.Setting.TLS));
  }

  private Optional<NodeConfig.RestTls> rest(Optional<TlsFiles> node) {
    Section section = root.section("restapi");
    NodeConfig.VerifyClient verify = verifyClient(section);
    Optional<Path> authority = path(section, "cafile").or(() -> node.flatMap(TlsFiles::authority));
    Optional<Path> certificate = path(section, "certfile");
    if (certificate.isPresent()) {
      if (verify != NodeConfig.VerifyClient.NONE && authority.isEmpty()) {
        section.error(
            "verify_client",
            "needs 'cafile', the authority that clients' certificates are signed by");
      }
      Path key = path(section, "keyfile").orElse(certificate.get());
      return Optional.of(
          new NodeConfig.RestTls(
              Optional.of(
                  new TlsFiles(
                      certificate.get(), key, path(section, "cafile"), TlsFiles.Setting.RESTAPI)),
              verify));
    }
    boolean secured = node.isPresent() && secures(root, section);
    if (!secured && (verify != NodeConfig.VerifyClient.NONE || section.has("keyfile"))) {
      section.error(
          section.has("keyfile") ? "keyfile" : "verify_client",
          "has no effect without TLS: set 'certfile' too, or give the file a 'tls' section");
    }
    return secured
        ? Optional.of(new NodeConfig.RestTls(Optional.empty(), verify))
        : Optional.empty();
  }

  private static NodeConfig.VerifyClient verifyClient(Section section) {
    String text = section.text("verify_client").orElse("none").toLowerCase(Locale.ROOT);
    return switch (text) {
      case "none" -> NodeConfig.VerifyClient.NONE;
      case "optional" -> NodeConfig.VerifyClient.OPTIONAL;
      case "required" -> NodeConfig.VerifyClient.REQUIRED;
      default -> {
        section.error("verify_client", "must be none, optional or required, is '" + text + "'");
        yield NodeConfig.VerifyClient.NONE;
      }
    };
  }

  private ClientTls ctl(Optional<TlsFiles> node) {
    Section section = root.section("ctl");
    if (node.isEmpty() || !secures(root, root.section("grpc"))) {
      Stream.of("insecure", "cacert", "certfile", "keyfile")
          .filter(section::has)
          .forEach(key -> section.ignored(key, "the gRPC port, which is asked, speaks plain text"));
      return ClientTls.OFF;
    }
    boolean insecure = section.flag("insecure", false);
    Optional<Path> certificate = path(section, "certfile");
    Optional<Path> authority = path(section, "cacert").or(() -> node.flatMap(TlsFiles::authority));
    if (certificate.isPresent()) {
      return new ClientTls(
          Optional.of(
              new TlsFiles(
                  certificate.get(),
                  path(section, "keyfile").orElse(certificate.get()),
                  authority,
                  TlsFiles.Setting.CTL)),
          insecure);
    }
    return new ClientTls(
        node.map(
            files -> new TlsFiles(files.certificate(), files.key(), authority, files.setting())),
        insecure);
  }

  private static Optional<Path> required(Section section, String key, String example) {
    return section.requiredText(key, example).flatMap(text -> absolute(section, key, text));
  }

  private static Optional<Path> path(Section section, String key) {
    return section.text(key).flatMap(text -> absolute(section, key, text));
  }

  private static Optional<Path> absolute(Section section, String key, String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      section.error(key, "must be an absolute path, is '" + text + "'");
      return Optional.empty();
    }
    return Optional.of(path);
  }
}
