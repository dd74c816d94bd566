package dev.koalja.gateway.journal;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Makes {@code koalja.journal.path}, absolute, of {@code koalja.journal.db}: H2 refuses relative
 * paths, people write them.
 */
public final class JournalPath implements ConfigSourceFactory {
  private static final String DATABASE = "koalja.journal.db";
  private static final int ORDINAL = 50;

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    ConfigValue database = context.getValue(DATABASE);
    String path = database == null ? null : database.getValue();
    if (path == null || path.isBlank()) {
      return List.of();
    }
    return List.of(
        new PropertiesConfigSource(
            Map.of("koalja.journal.path", Path.of(path).toAbsolutePath().toString()),
            "koalja journal path",
            ORDINAL));
  }
}
