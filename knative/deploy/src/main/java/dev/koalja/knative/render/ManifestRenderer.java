package dev.koalja.knative.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.fabric8.knative.serving.v1.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Renders a pipeline as manifests for {@code kn}, {@code kubectl} or GitOps: one Knative Service
 * for each app, isolated function and container. Sorted by name; the same input gives the same
 * bytes. Secrets appear by name only.
 */
public final class ManifestRenderer {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private ManifestRenderer() {}

  /**
   * Renders a pipeline whose functions need no secrets.
   *
   * @param images the image reference of each app of the pipeline
   * @throws KoaljaException when an image is missing or two services would have one name
   */
  public static String render(Pipeline pipeline, Map<AppName, String> images) {
    return render(pipeline, images, Map.of());
  }

  /**
   * Renders a pipeline.
   *
   * @param images the image reference of each app of the pipeline
   * @param secrets what the functions of an app get as environment, by reference
   * @throws KoaljaException when an image is missing or two services would have one name
   */
  public static String render(
      Pipeline pipeline, Map<AppName, String> images, Map<AppName, List<SecretReference>> secrets) {
    StringBuilder yaml = new StringBuilder();
    for (Service service : services(pipeline, images, secrets)) {
      try {
        yaml.append(yaml.isEmpty() ? "" : "---\n").append(YAML.writeValueAsString(service));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a Knative Service is always YAML", e);
      }
    }
    return yaml.toString();
  }

  /** The same as objects. */
  static List<Service> services(
      Pipeline pipeline, Map<AppName, String> images, Map<AppName, List<SecretReference>> secrets) {
    List<Workload> workloads;
    try {
      workloads = Workload.of(pipeline);
    } catch (IllegalArgumentException e) {
      throw new KoaljaException(ErrorCode.INVALID_PIPELINE, String.valueOf(e.getMessage()), e);
    }
    TreeSet<AppName> missing = new TreeSet<>();
    List<Service> services = new ArrayList<>();
    for (Workload workload : workloads) {
      Optional<String> image = workload.image().or(() -> workload.app().map(images::get));
      if (image.isPresent()) {
        List<SecretReference> references =
            workload.app().map(app -> secrets.getOrDefault(app, List.of())).orElse(List.of());
        services.add(
            KnativeServiceTemplate.service(pipeline.name(), workload, image.get(), references));
      } else {
        workload.app().ifPresent(missing::add);
      }
    }
    if (!missing.isEmpty()) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST,
          "no image is known for %s %s: make it with koalja image"
              .formatted(missing.size() == 1 ? "app" : "apps", missing));
    }
    return services;
  }
}
