package io.quorate.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nobody may put into the store. */
final class DynamicCheckTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'ttl': 'x'}|ttl: must be a whole number of at least 1, is 'x'",
        "{'ttl': 1}|ttl: ttl − stop budget must exceed",
        "{'tll': 5}|tll: is not a setting; did you mean 'ttl'?",
        "{'pause': 'maybe'}|pause: must be true or false",
        "{'profile': 'slow'}|profile: 'slow' is none of fast, lan, wan",
        "{'synchronous_mode': true}|synchronous_mode: synchronous replication is not carried yet",
        "{'postgresql': {'pre_promote': 'x'}}|postgresql.pre_promote: not carried yet",
        "{'postgresql': 5}|postgresql: must be a mapping of settings",
      })
  void errorsNameThePath(String json, String error) {
    String text = json.replace('\'', '"');
    assertThat(new DynamicCheck().findings(text).errors())
        .singleElement()
        .asString()
        .startsWith(error.replace("is 'x'", "is \"x\""));
  }

  @Test
  void whatHasNoEffectIsSaidAndTaken() {
    var findings =
        new DynamicCheck()
            .findings(
                "{\"ttl\": 5, \"check_timeline\": true, \"postgresql\": {\"bin_dir\": \"/x\","
                    + " \"parameters\": {\"work_mem\": \"8MB\"}}}");
    assertThat(findings.errors()).isEmpty();
    assertThat(findings.ignored())
        .containsExactly(
            "check_timeline: ignored: elections compare histories always",
            "postgresql.bin_dir: ignored: only of use in each member's own 'postgresql' section");
  }
}
