package io.quorate.node.config;

import io.quorate.ha.model.Secret;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads who may change something, and as whom the command line asks. */
final class AccessReader {

  private AccessReader() {}

  static NodeConfig.Access read(Section root) {
    Section rest = root.section("restapi");
    Section ctl = root.section("ctl");
    PatroniKeys.CTL.check(ctl);
    Optional<Login> login = login(rest);
    Optional<Login> own = login(ctl);
    return new NodeConfig.Access(login, own.or(() -> login), allowlist(rest));
  }

  private static Optional<Login> login(Section section) {
    if (!section.has("authentication")) {
      return Optional.empty();
    }
    Section authentication = section.section("authentication");
    PatroniKeys.LOGIN.check(authentication);
    Optional<String> username = authentication.requiredText("username", "quorate");
    Optional<String> password = authentication.requiredText("password", "secret");
    if (username.filter(name -> name.contains(":")).isPresent()) {
      authentication.error("username", "must not contain ':', which ends it on the wire");
    }
    return username.flatMap(user -> password.map(p -> new Login(user, new Secret(p))));
  }

  private static List<AddressRange> allowlist(Section rest) {
    List<AddressRange> ranges = new ArrayList<>();
    for (String text : rest.texts("allowlist")) {
      try {
        ranges.add(AddressRange.parse(text));
      } catch (IllegalArgumentException e) {
        rest.error("allowlist", e.getMessage() + ": name addresses or ADDRESS/BITS");
      }
    }
    return ranges;
  }
}
