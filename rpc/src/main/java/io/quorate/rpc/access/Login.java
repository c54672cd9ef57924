package io.quorate.rpc.access;

import io.quorate.ha.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/** A user name with its password, and how HTTP's Basic scheme carries them (RFC 7617). */
public record Login(String username, Secret password) {

  /** Value of the {@code Authorization} header. */
  public String authorization() {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((username + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8));
  }

  /** Whether {@code header} carries exactly this; takes as long whatever the difference. */
  boolean isIn(String header) {
    String scheme = "basic ";
    if (!header.regionMatches(true, 0, scheme, 0, scheme.length())) {
      return false;
    }
    String given = "Basic " + header.substring(scheme.length()).strip();
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), authorization().getBytes(StandardCharsets.UTF_8));
  }
}
