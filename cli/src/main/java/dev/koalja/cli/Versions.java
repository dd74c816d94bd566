package dev.koalja.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/**
 * What this build is made of.
 *
 * @param koalja our version
 * @param kafka the version of the broker
 * @param quarkus the version generated projects use
 */
public record Versions(String koalja, String kafka, String quarkus) {
  /** Reads what the build wrote into the jar. */
  public static Versions load() {
    Properties properties = new Properties();
    try (InputStream in =
        Objects.requireNonNull(Versions.class.getResourceAsStream("version.properties"))) {
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("the build left out version.properties", e);
    }
    return new Versions(
        properties.getProperty("koalja"),
        properties.getProperty("kafka"),
        properties.getProperty("quarkus"));
  }
}
