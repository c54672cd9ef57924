package io.quorate.rpc.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.ha.model.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may change something. */
final class AccessGuardTest {

  private static final Login LOGIN = new Login("ops", new Secret("s:crët"));

  private static InetAddress at(String address) throws UnknownHostException {
    return InetAddress.getByName(address);
  }

  @Test
  void withoutALoginOnlyLoopbackMay() throws UnknownHostException {
    for (String loopback : List.of("127.0.0.1", "127.1.2.3", "::1")) {
      assertThat(AccessGuard.LOOPBACK_ONLY.judge(at(loopback), Optional.empty())).isEmpty();
    }
    assertThat(AccessGuard.LOOPBACK_ONLY.judge(at("10.0.0.1"), Optional.of("Basic x")))
        .contains(AccessGuard.Refusal.NOT_CONFIGURED);
    assertThat(AccessGuard.Refusal.NOT_CONFIGURED.text()).contains("'restapi.authentication'");
  }

  @ParameterizedTest
  @CsvSource({"10.1.0.5, true", "10.1.1.5, false", "192.0.2.7, true", "::1, false"})
  void theListComesFirst(String address, boolean allowed) throws UnknownHostException {
    AccessGuard guard =
        new AccessGuard(
            Optional.of(LOGIN),
            List.of(AddressRange.parse("10.1.0.0/24"), AddressRange.parse("192.0.2.7")));
    assertThat(guard.judge(at(address), Optional.of(LOGIN.authorization())))
        .isEqualTo(allowed ? Optional.empty() : Optional.of(AccessGuard.Refusal.NOT_ALLOWLISTED));
    assertThat(guard.judge(at("10.1.0.5"), Optional.empty()))
        .contains(AccessGuard.Refusal.NO_CREDENTIALS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic", "Basic b3BzOnM=", "Bearer b3BzOnM6Y3LDq3Q=", "Basic !!"})
  void aLoginMustBeShownEvenOnLoopback(String header) throws UnknownHostException {
    AccessGuard guard = new AccessGuard(Optional.of(LOGIN), List.of());
    assertThat(guard.judge(at("127.0.0.1"), Optional.of(header)))
        .contains(AccessGuard.Refusal.WRONG_CREDENTIALS);
    assertThat(guard.judge(at("127.0.0.1"), Optional.of("basic  b3BzOnM6Y3LDq3Q="))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "::1/129", "no such host"})
  void wrongRangesAreNamed(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'");
  }

  @Test
  void aPasswordIsNotPrinted() {
    assertThat(LOGIN.toString()).doesNotContain("crët");
  }
}
