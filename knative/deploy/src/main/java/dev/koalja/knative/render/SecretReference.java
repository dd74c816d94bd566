package dev.koalja.knative.render;

import java.util.Locale;

/**
 * A secret that functions of an app get as an environment variable. Only names are written down:
 * the value stays in the cluster.
 *
 * @param variable the name of the environment variable
 * @param secret the name of the Kubernetes Secret
 * @param key the key in that Secret
 */
public record SecretReference(String variable, String secret, String key) {
  /** The secret that functions know as {@code name}: key {@code value} of the Secret so called. */
  public static SecretReference named(String name) {
    String variable =
        "KOALJA_SECRET_" + name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    return new SecretReference(variable, name, "value");
  }
}
