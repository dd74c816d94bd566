package dev.koalja.runtime.dev;

import io.quarkus.runtime.configuration.ConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilder;

/**
 * In dev mode the build and the app share a process and its system properties: what is a setting of
 * the build alone is no mistake of the app.
 */
public final class BuildTimeSettings implements ConfigBuilder {
  @Override
  public SmallRyeConfigBuilder configBuilder(SmallRyeConfigBuilder builder) {
    return builder.withMappingIgnore("koalja.dev.**").withMappingIgnore("koalja.cache.**");
  }
}
