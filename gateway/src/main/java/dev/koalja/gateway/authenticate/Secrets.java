package dev.koalja.gateway.authenticate;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Secrets by name: from the environment as {@code KOALJA_SECRET_<NAME>}, else from a file of that
 * name. Read at every use, so a changed file counts at once. Several lines are several valid
 * secrets, for rotation. Never logged.
 */
@ApplicationScoped
public class Secrets {
  private final Path folder;
  private final UnaryOperator<@Nullable String> environment;

  /** Secrets of this process, and of the files in {@code folder}. */
  @Inject
  Secrets(
      @ConfigProperty(name = "koalja.secrets.dir", defaultValue = ".koalja/secrets")
          String folder) {
    this(Path.of(folder), System::getenv);
  }

  Secrets(Path folder, UnaryOperator<@Nullable String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** Every valid secret of that name; empty when there is none. */
  public List<String> named(String name) {
    String variable =
        "KOALJA_SECRET_" + name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    return Optional.ofNullable(environment.apply(variable))
        .or(() -> file(name))
        .map(text -> text.lines().filter(line -> !line.isBlank()).toList())
        .orElse(List.of());
  }

  private Optional<String> file(String name) {
    try {
      return Optional.of(Files.readString(folder.resolve(name)));
    } catch (IOException _) {
      return Optional.empty(); // the same for the sender: the secret is missing
    }
  }
}
