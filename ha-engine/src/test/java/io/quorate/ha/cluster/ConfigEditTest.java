package io.quorate.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 7396's appendix that concern objects, and equality of meaning. */
final class ConfigEditTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{\"a\":\"b\"}|{\"a\":\"c\"}|{\"a\":\"c\"}",
        "{\"a\":\"b\"}|{\"b\":\"c\"}|{\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"}|{\"a\":null}|{}",
        "{\"a\":\"b\",\"b\":\"c\"}|{\"a\":null}|{\"b\":\"c\"}",
        "{\"a\":[\"b\"]}|{\"a\":\"c\"}|{\"a\":\"c\"}",
        "{\"a\":\"c\"}|{\"a\":[\"b\"]}|{\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}}|{\"a\":{\"b\":\"d\",\"c\":null}}|{\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]}|{\"a\":[1]}|{\"a\":[1]}",
        "{\"e\":null}|{\"a\":1}|{\"e\":null,\"a\":1}",
        "{\"a\":\"foo\"}|{\"b\":{\"bb\":{\"ccc\":null}}}|{\"a\":\"foo\",\"b\":{\"bb\":{}}}",
      })
  void merges(String before, String patch, String after) {
    assertThat(new ConfigEdit.Merge(patch).applyTo(before)).isEqualTo(after);
  }

  @Test
  void aReplacementIsTheWholeWithoutItsNulls() {
    assertThat(new ConfigEdit.Replace("{\"b\":{\"c\":null,\"d\":1}}").applyTo("{\"a\":1}"))
        .isEqualTo("{\"b\":{\"d\":1}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "5", "null", "{", "{\"a\":1} x"})
  void onlyObjects(String text) {
    assertThatThrownBy(() -> new ConfigEdit.Merge(text).applyTo("{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("what was given is not ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{\"a\":10}|{\"a\":\"10\"}|true",
        "{\"a\":1,\"b\":2}|{\"b\":2,\"a\":1}|true",
        "{\"a\":true}|{\"a\":\"true\"}|true",
        "{\"a\":1}|{\"a\":1,\"b\":1}|false",
        "{\"a\":{}}|{\"a\":\"\"}|false",
        "{\"a\":[1]}|{\"a\":[2]}|false",
      })
  void scalarsCompareAsText(String one, String other, boolean same) {
    assertThat(ConfigEdit.sameMeaning(one, other)).isEqualTo(same);
  }
}
