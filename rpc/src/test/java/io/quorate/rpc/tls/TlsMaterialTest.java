package io.quorate.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are taken, whom they speak for, and what is refused with which words. */
final class TlsMaterialTest {

  private static final MemberIdentity A = new MemberIdentity("orders", "a");

  @TempDir private Path directory;
  private TestAuthority authority;

  @BeforeEach
  void prepare() throws IOException {
    authority = new TestAuthority(directory);
  }

  private TlsMaterial load(TlsFiles files) throws TlsException {
    return TlsMaterial.load(files, Optional.of(A), () -> TestAuthority.NOW);
  }

  private static TlsFiles withKey(TlsFiles files, Path key) {
    return new TlsFiles(files.certificate(), key, files.authority(), files.setting());
  }

  private void refused(TlsFiles files, String... words) {
    assertThatThrownBy(() -> load(files))
        .isInstanceOf(TlsException.class)
        .message()
        .contains(words);
  }

  @Test
  void aCertificateOfTheMemberIsTaken() throws Exception {
    assertThat(load(authority.make("a", List.of(A.uri()), 10)).expires())
        .isEqualTo(TestAuthority.NOW.plus(Duration.ofDays(10)));
  }

  @Test
  void whatCannotBeUsedIsNamedWithSettingAndFile() throws Exception {
    TlsFiles good = authority.make("a", List.of(A.uri()), 10);
    TlsFiles other = authority.make("b", List.of("quorate://orders/b"), 10);
    Path missing = directory.resolve("none.key");
    refused(withKey(good, missing), "tls.key_file: " + missing, "cannot be read");
    refused(withKey(good, other.key()), "tls.key_file: the key in " + other.key(), "belong");
    refused(other, "tls.cert_file", "b.crt", "alternative name URI:quorate://orders/a");
    refused(authority.make("old", List.of(A.uri()), -1), "tls.cert_file", "old.crt has expired");
    Path foreign = Files.createDirectory(directory.resolve("foreign"));
    TlsFiles wrong = new TestAuthority(foreign).make("a", List.of(A.uri()), 10);
    refused(
        new TlsFiles(wrong.certificate(), wrong.key(), good.authority(), good.setting()),
        "is not signed by an authority of tls.ca_file");
    Files.setPosixFilePermissions(good.key(), PosixFilePermissions.fromString("rw-r--r--"));
    refused(good, "tls.key_file: the key in " + good.key(), "chmod 600");
  }

  @Test
  void newerFilesAreTakenAndWrongOnesChangeNothing() throws Exception {
    TlsFiles files = authority.make("a", List.of(A.uri()), 10);
    TlsMaterial material = load(files);
    assertThat(material.refresh()).isFalse();
    TlsFiles newer = authority.make("newer", List.of(A.uri()), 200);
    Files.move(newer.certificate(), files.certificate(), StandardCopyOption.REPLACE_EXISTING);
    assertThat(material.refresh()).as("its key is not there yet").isFalse();
    assertThat(material.expires()).isEqualTo(TestAuthority.NOW.plus(Duration.ofDays(10)));
    Files.move(newer.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
    assertThat(material.refresh()).isTrue();
    assertThat(material.expires()).isEqualTo(TestAuthority.NOW.plus(Duration.ofDays(200)));
  }

  @Test
  void aCertificateSpeaksForOneMemberOfItsCluster() throws Exception {
    assertThat(MemberIdentity.nameIn(own("one", A.uri()), "orders")).contains("a");
    assertThat(MemberIdentity.nameIn(own("cluster", A.uri()), "other")).isEmpty();
    assertThat(MemberIdentity.nameIn(own("client"), "orders")).isEmpty();
    assertThat(MemberIdentity.nameIn(own("two", A.uri(), "quorate://orders/b"), "orders"))
        .isEmpty();
    assertThat(MemberIdentity.nameIn(own("web", "https://orders/a"), "orders")).isEmpty();
  }

  private X509Certificate own(String file, String... uris) throws Exception {
    TlsFiles files = authority.make(file, List.of(uris), 10);
    return Credentials.certificates("tls.cert_file", files.certificate()).getFirst();
  }

  @Test
  void theSameRefusalIsSaidOnceAndInventedNamesAreCounted() {
    AtomicReference<Instant> now = new AtomicReference<>(TestAuthority.NOW);
    Refusals refusals = new Refusals(now::get);
    assertThat(refusals.say("CN=x", "expired")).isTrue();
    assertThat(refusals.say("CN=x", "expired")).isFalse();
    for (int i = 1; i < Refusals.LINES; i++) {
      assertThat(refusals.say("CN=" + i, "expired")).isTrue();
    }
    assertThat(refusals.say("CN=one more", "expired")).isFalse();
    now.set(now.get().plus(Duration.ofMinutes(1)));
    assertThat(refusals.say("CN=one more", "expired")).isTrue();
    assertThat(refusals.say("CN=x", "expired")).isFalse();
    now.set(now.get().plus(Duration.ofHours(1)));
    assertThat(refusals.say("CN=x", "expired")).isTrue();
  }
}
