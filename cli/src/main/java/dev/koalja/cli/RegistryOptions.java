package dev.koalja.cli;

import dev.koalja.knative.image.ImageSource;
import dev.koalja.knative.image.Registries;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How commands that take or give images speak with registries. */
final class RegistryOptions {
  @Option(
      names = "--username",
      paramLabel = "NAME",
      description = {
        "Who one is for the registry; the password is KOALJA_REGISTRY_PASSWORD. By default what"
            + " docker login keeps."
      })
  @Nullable String username;

  @Option(
      names = "--insecure",
      description = "Let registries speak HTTP, or have a certificate nobody vouches for.")
  boolean insecure;

  /** Whether one of them was given. */
  boolean given() {
    return username != null || insecure;
  }

  /** For an image that is pushed. */
  Registries.Access access() {
    return new Registries.Access(Optional.ofNullable(username), insecure);
  }

  /**
   * For images that are pulled.
   *
   * @throws CliException when a user is named and it is not clear for which registry: its password
   *     goes to no other
   */
  Registries.Access access(List<String> images) {
    if (username != null) {
      Set<String> hosts = new TreeSet<>();
      for (String image : images) {
        try {
          if (ImageSource.of(image) instanceof ImageSource.Registry registry) {
            hosts.add(registry.host());
          }
        } catch (IllegalArgumentException e) {
          throw CliException.usage(String.valueOf(e.getMessage()));
        }
      }
      if (hosts.size() != 1) {
        throw CliException.usage(
            hosts.isEmpty()
                ? "--username is for a registry, and none of these images is in one"
                : "--username is for one registry, and these images are in %s: docker login keeps one user for each"
                    .formatted(String.join(" and ", hosts)));
      }
    }
    return access();
  }
}
