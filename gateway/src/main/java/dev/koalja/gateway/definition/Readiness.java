package dev.koalja.gateway.definition;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Ready when the definitions have been read and Kafka answers. */
@org.eclipse.microprofile.health.Readiness
@ApplicationScoped
public class Readiness implements HealthCheck {
  private static final int PATIENCE_MS = 2000;

  private final Definitions definitions;
  private final Kafka kafka;

  Readiness(Definitions definitions, Kafka kafka) {
    this.definitions = definitions;
    this.kafka = kafka;
  }

  @Override
  public HealthCheckResponse call() {
    boolean answers = kafkaAnswers();
    return HealthCheckResponse.named("koalja gateway")
        .status(definitions.caughtUp() && answers)
        .withData("definitions", definitions.caughtUp() ? "read" : "being read")
        .withData("kafka", answers ? "answers" : "does not answer")
        .build();
  }

  private boolean kafkaAnswers() {
    try {
      kafka
          .admin()
          .describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MS))
          .clusterId()
          .get(PATIENCE_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
