package dev.koalja.knative.render;

import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.TaskName;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One workload as a Knative Service. */
final class KnativeServiceTemplate {
  private static final String AUTOSCALING = "autoscaling.knative.dev/";
  private static final Duration STABLE_WINDOW = Duration.ofSeconds(60);
  private static final Duration LEAST_WINDOW = Duration.ofSeconds(6);
  private static final long ROOM_FOR_QUEUE = 5;

  private KnativeServiceTemplate() {}

  static Service service(
      PipelineName pipeline, Workload workload, String image, List<SecretReference> secrets) {
    boolean ours = workload.app().isPresent();
    // above 600 s the cluster must allow it: max-revision-timeout-seconds in config-defaults
    long timeout = workload.timeout().plusMillis(999).toSeconds() + ROOM_FOR_QUEUE;
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(workload.service().value())
        .withLabels(serviceLabels(pipeline, workload))
        .withAnnotations(
            new TreeMap<>(
                Map.of(
                    "koalja.dev/tasks",
                    workload.tasks().stream()
                        .map(TaskName::value)
                        .collect(Collectors.joining(",")))))
        .endMetadata()
        .withNewSpec()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels(pipeline, workload))
        .withAnnotations(autoscaling(workload.scale()))
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withContainerConcurrency((long) workload.scale().concurrency())
        .withTimeoutSeconds(timeout)
        .withResponseStartTimeoutSeconds(timeout)
        .withContainers(ours ? functions(workload, image, secrets) : container(workload, image))
        .withVolumes(ours ? List.of(temporary()) : List.of())
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container functions(
      Workload workload, String image, List<SecretReference> secrets) {
    return new ContainerBuilder()
        .withImage(image)
        .addNewPort()
        .withName("http1")
        .withContainerPort(workload.port())
        .endPort()
        .withEnv(secrets.stream().map(KnativeServiceTemplate::variable).sorted(BY_NAME).toList())
        .addNewEnvFrom()
        .withNewConfigMapRef(workload.service() + "-settings", true)
        .endEnvFrom()
        // without a period Knative probes many times a second while it starts
        .withNewReadinessProbe()
        .withNewHttpGet()
        .withPath("/health/ready")
        .endHttpGet()
        .endReadinessProbe()
        .withNewLivenessProbe()
        .withNewHttpGet()
        .withPath("/health/live")
        .endHttpGet()
        .endLivenessProbe()
        .withNewResources()
        .withRequests(
            new TreeMap<>(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("128Mi"))))
        .withLimits(new TreeMap<>(Map.of("memory", new Quantity("512Mi"))))
        .endResources()
        .withSecurityContext(
            new SecurityContextBuilder(confined())
                .withRunAsNonRoot(true)
                .withReadOnlyRootFilesystem(true)
                .build())
        .addNewVolumeMount()
        .withName("tmp")
        .withMountPath("/tmp")
        .endVolumeMount()
        .build();
  }

  /** Somebody else's image: no claim about its user, its files or its paths. */
  private static Container container(Workload workload, String image) {
    return new ContainerBuilder()
        .withImage(image)
        .addNewPort()
        .withName("http1")
        .withContainerPort(workload.port())
        .endPort()
        .withSecurityContext(confined())
        .build();
  }

  private static final Comparator<EnvVar> BY_NAME = Comparator.comparing(EnvVar::getName);

  private static EnvVar variable(SecretReference secret) {
    return new EnvVarBuilder()
        .withName(secret.variable())
        .withNewValueFrom()
        .withNewSecretKeyRef()
        .withName(secret.secret())
        .withKey(secret.key())
        .endSecretKeyRef()
        .endValueFrom()
        .build();
  }

  private static SecurityContext confined() {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .build();
  }

  private static Volume temporary() {
    return new VolumeBuilder()
        .withName("tmp")
        .withNewEmptyDir()
        .withSizeLimit(new Quantity("256Mi"))
        .endEmptyDir()
        .build();
  }

  private static Map<String, String> serviceLabels(PipelineName pipeline, Workload workload) {
    Map<String, String> labels = labels(pipeline, workload);
    // only the router of this cluster calls functions: no address outside
    labels.put("networking.knative.dev/visibility", "cluster-local");
    return labels;
  }

  private static Map<String, String> labels(PipelineName pipeline, Workload workload) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("app.kubernetes.io/managed-by", "koalja");
    labels.put("app.kubernetes.io/name", workload.service().value());
    labels.put("app.kubernetes.io/part-of", pipeline.value());
    labels.put("koalja.dev/pipeline", pipeline.value());
    workload.app().ifPresent(app -> labels.put("koalja.dev/app", app.value()));
    return labels;
  }

  private static Map<String, String> autoscaling(Scale scale) {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(AUTOSCALING + "metric", "concurrency");
    annotations.put(AUTOSCALING + "min-scale", Integer.toString(scale.min()));
    annotations.put(AUTOSCALING + "max-scale", Integer.toString(scale.max()));
    annotations.put(AUTOSCALING + "target", Integer.toString(scale.concurrency()));
    annotations.put(AUTOSCALING + "target-utilization-percentage", "70");
    Duration window = scale.idle().compareTo(STABLE_WINDOW) < 0 ? scale.idle() : STABLE_WINDOW;
    window = window.compareTo(LEAST_WINDOW) < 0 ? LEAST_WINDOW : window;
    annotations.put(AUTOSCALING + "window", window.toSeconds() + "s");
    // the window itself counts as idle time already
    Duration retention = scale.idle().minus(window);
    annotations.put(
        AUTOSCALING + "scale-to-zero-pod-retention-period",
        Math.max(0, retention.toSeconds()) + "s");
    return annotations;
  }
}
