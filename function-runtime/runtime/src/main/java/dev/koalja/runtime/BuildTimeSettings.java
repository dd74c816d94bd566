package dev.koalja.runtime;

import io.quarkus.runtime.configuration.ConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilder;

/**
 * Settings of the build may stand beside those of the process, in {@code application.properties} or
 * among the system properties of dev mode: to the process they are no mistake.
 */
public final class BuildTimeSettings implements ConfigBuilder {
  @Override
  public SmallRyeConfigBuilder configBuilder(SmallRyeConfigBuilder builder) {
    return builder.withMappingIgnore("koalja.dev.**").withMappingIgnore("koalja.cache.**");
  }
}
