package io.quorate.rpc.wish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.ha.model.PatroniRole;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of wishes as people and programs write them. */
final class WishTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2030-01-31T22:00:00+00:00",
        "2030-01-31T22:00:00Z",
        "2030-01-31T22:00Z",
        "2030-01-31 22:00:00+00",
        "2030-01-31 23:00:00.000000+0100",
        "2030-01-31T20:30-01:30",
      })
  void timesWithAZone(String text) throws InvalidWishException {
    assertThat(WishText.time(text)).contains(Instant.parse("2030-01-31T22:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "2030-01-31T22:00:00, has no time zone, false",
    "2030-01-31 22:00, has no time zone, false",
    "tomorrow, is no time, true",
    "2030-02-31T22:00:00Z, is no time, true",
  })
  void otherTimes(String text, String why, boolean understood) {
    assertThatThrownBy(() -> WishText.time(text))
        .isInstanceOfSatisfying(
            InvalidWishException.class,
            e -> {
              assertThat(e).hasMessageContaining(why);
              assertThat(e.understood()).isEqualTo(understood);
            });
  }

  @Test
  void absentPartsAreEmpty() throws InvalidWishException {
    assertThat(WishText.time(" ")).isEmpty();
    assertThat(WishText.member("")).isEmpty();
    assertThat(WishText.role("any")).isEmpty();
    assertThat(WishText.version("")).isEmpty();
    assertThat(WishText.duration("")).isEmpty();
  }

  @Test
  void rolesVersionsAndDurations() throws InvalidWishException {
    assertThat(WishText.role("Standby")).contains(PatroniRole.REPLICA);
    assertThat(WishText.role("master")).contains(PatroniRole.PRIMARY);
    assertThat(WishText.version("15.4")).contains(150_004);
    assertThat(WishText.version("9.6.24")).contains(90_624);
    assertThat(WishText.duration("30")).contains(Duration.ofSeconds(30));
    assertThat(WishText.duration("1.5min")).contains(Duration.ofSeconds(90));
    assertThat(WishText.duration("250 ms")).contains(Duration.ofMillis(250));
  }

  @Test
  void nonsenseIsNamed() {
    assertThatThrownBy(() -> WishText.role("boss")).hasMessageContaining("'boss' is no role");
    assertThatThrownBy(() -> WishText.version("15")).hasMessageContaining("'15' is no version");
    assertThatThrownBy(() -> WishText.version("9.6")).hasMessageContaining("'9.6' is no version");
    assertThatThrownBy(() -> WishText.duration("0")).hasMessageContaining("'0' is no time");
    assertThatThrownBy(() -> WishText.duration("2 weeks")).hasMessageContaining("is no time");
    assertThatThrownBy(() -> WishText.required("", "member"))
        .hasMessageContaining("'member' has to be given");
  }
}
