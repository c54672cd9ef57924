package io.quorate.rpc.tls;

/** Certificates that cannot be used; the message names setting, file and remedy. */
public final class TlsException extends Exception {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
