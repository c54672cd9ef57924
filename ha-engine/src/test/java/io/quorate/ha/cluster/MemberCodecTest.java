package io.quorate.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** A member's key comes back as it was written, with a PostgreSQL and without. */
final class MemberCodecTest {

  private static final MemberName NAME = new MemberName("db3");

  @ParameterizedTest
  @CsvSource({
    "REPLICA, 5432, db3.example",
    "REPLICA, 5433, fd00::3",
    "WITNESS, 0, db3.example",
    "WITNESS, 0, fd00::3"
  })
  void comesBackAsItWas(PatroniRole role, int port, String host) {
    String inUrl = host.contains(":") ? "[" + host + "]" : host;
    MemberInfo member =
        new MemberInfo(
            NAME,
            "run",
            host,
            port,
            "http://" + inUrl + ":8008/patroni",
            inUrl + ":8009",
            PatroniState.RUNNING,
            role,
            "1",
            MemberTags.NONE,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            role == PatroniRole.WITNESS ? Optional.empty() : Optional.of("replay is paused there"));
    String json = MemberCodec.encode(member).toUtf8();
    assertThat(MemberCodec.decode(NAME, JsonMapper.builder().build().readTree(json)))
        .isEqualTo(member);
    assertThat(json.contains("conn_url")).isEqualTo(role != PatroniRole.WITNESS);
  }
}
