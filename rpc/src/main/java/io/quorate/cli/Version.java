package io.quorate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;

/** The program's version, as it was built. */
public final class Version implements CommandLine.IVersionProvider {

  Version() {}

  /** Such as {@code 0.1.0}; a build that is no release ends in {@code -SNAPSHOT}. */
  public static String text() {
    Properties properties = new Properties();
    try (InputStream stream = Version.class.getResourceAsStream("version.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "0");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"quorate " + text()};
  }
}
