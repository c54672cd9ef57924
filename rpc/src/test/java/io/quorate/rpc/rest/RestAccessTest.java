package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.Secret;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.FakeCluster;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every request that changes something, by whoever may and may not. */
final class RestAccessTest {

  private static final Login LOGIN = new Login("ops", new Secret("right"));
  private static final String RIGHT = LOGIN.authorization();
  private static final String WRONG = new Login("ops", new Secret("wrong")).authorization();
  private static final String HERE = "127.0.0.1";
  private static final String HERE_TOO = "::1";
  private static final String ELSEWHERE = "192.0.2.7";

  private final FakeAgent agent = new FakeAgent();
  private AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private final RestActions actions = new RestActions(agent, () -> guard);
  private FakeCluster cluster;

  @BeforeEach
  void begin() {
    cluster = new FakeCluster(agent, Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  /** With a body that nobody takes: whether it was let in shows, and nothing changes. */
  private RestApi.Reply answer(String request, String from, Optional<String> shown)
      throws IOException {
    String[] words = request.split(" /", -1);
    return actions
        .answer(
            new RestActions.Request(
                words[0], words[1], InetAddress.getByName(from), shown, true, "[\"no object\"]"))
        .toCompletableFuture()
        .join();
  }

  @Test
  void withALoginNobodyElseMay() throws IOException {
    guard = new AccessGuard(Optional.of(LOGIN), List.of());
    for (String request : actions.requests()) {
      for (String from : List.of(HERE, HERE_TOO, ELSEWHERE)) {
        for (Optional<String> shown :
            List.of(Optional.<String>empty(), Optional.of(WRONG), Optional.of("Bearer x"))) {
          RestApi.Reply reply = answer(request, from, shown);
          assertThat(reply.status()).as("%s from %s with %s", request, from, shown).isEqualTo(401);
          assertThat(reply.headers()).containsEntry("WWW-Authenticate", "Basic realm=\"Patroni\"");
        }
        assertThat(cluster.wishes()).as(request).isEmpty();
      }
    }
  }

  @Test
  void withoutALoginThisHostAlone() throws IOException {
    for (String request : actions.requests()) {
      RestApi.Reply reply = answer(request, ELSEWHERE, Optional.of(RIGHT));
      assertThat(reply.status()).as(request).isEqualTo(403);
      assertThat(reply.body())
          .contains("set 'restapi.authentication' with username and password on every member");
    }
    assertThat(cluster.wishes()).isEmpty();
  }

  @Test
  void whoMayIsLetIn() throws IOException {
    for (String request : actions.requests()) {
      assertThat(answer(request, HERE, Optional.empty()).status())
          .as(request)
          .isNotIn(401, 403, 501);
    }
    guard = new AccessGuard(Optional.of(LOGIN), List.of());
    for (String request : actions.requests()) {
      assertThat(answer(request, ELSEWHERE, Optional.of(RIGHT)).status())
          .as(request)
          .isNotIn(401, 403, 501);
    }
  }

  @Test
  void aListOfAddressesComesFirst() throws IOException {
    guard = new AccessGuard(Optional.of(LOGIN), List.of(AddressRange.parse("192.0.2.0/29")));
    for (String request : actions.requests()) {
      assertThat(answer(request, HERE, Optional.of(RIGHT)).status()).as(request).isEqualTo(403);
      assertThat(answer(request, ELSEWHERE, Optional.of(WRONG)).status())
          .as(request)
          .isEqualTo(401);
    }
  }

  @Test
  void thePageNamesEveryRequest() throws IOException {
    Set<String> named =
        Pattern.compile("(?m)^\\| `((?:POST|PUT|PATCH|DELETE) /[a-z]+)` \\|")
            .matcher(Files.readString(page()))
            .results()
            .map((MatchResult row) -> row.group(1))
            .collect(Collectors.toSet());
    assertThat(named).isEqualTo(actions.requests());
  }

  private static Path page() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path page = at.resolve("docs/rest-api.md");
      if (Files.isRegularFile(page)) {
        return page;
      }
    }
    throw new AssertionError("no docs/rest-api.md above " + Path.of("").toAbsolutePath());
  }
}
