package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.header;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(120)
@WithTestResource(TestBroker.class)
class BrokerKilledIT {
  @TestHTTPResource(value = "/", management = true)
  URL management;

  // set by TestBroker
  @Nullable Runnable killBroker;
  @Nullable Runnable restartBroker;

  private static Response post(String id) {
    return given()
        .header("ce-id", id)
        .header("ce-source", "/it")
        .header("ce-type", "t")
        .header("ce-specversion", "1.0")
        .post("/events/killed/order");
  }

  @Test
  void shouldRefuseWhatKafkaDidNotAcknowledgeAndTakeItAgainAfterwards() throws Exception {
    Control control = new Control(management);
    control.apply("killed", "links: [{name: order, partitions: 2}]");
    List<String> acknowledged = new ArrayList<>();
    assertThat(post("before").statusCode()).isEqualTo(202);
    acknowledged.add("before");

    Objects.requireNonNull(killBroker).run();
    Response refused = post("during");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.getHeader("Retry-After")).isEqualTo("1");
    assertThat(refused.jsonPath().getString("type"))
        .isEqualTo("urn:koalja:error:kafka-unavailable");
    assertThat(control.send("GET", "/q/health/ready", "").statusCode()).isEqualTo(503);

    Objects.requireNonNull(restartBroker).run();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              String id = "after-" + acknowledged.size();
              if (post(id).statusCode() == 202) {
                acknowledged.add(id);
              }
              return acknowledged.size() > 5;
            });
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> control.send("GET", "/q/health/ready", "").statusCode() == 200);
    Set<String> onLink =
        TestKafka.records(
                "koalja.killed.order",
                all ->
                    all.stream()
                        .map(each -> header(each, "ce_id"))
                        .collect(Collectors.toSet())
                        .containsAll(acknowledged))
            .stream()
            .map(each -> header(each, "ce_id"))
            .collect(Collectors.toSet());
    assertThat(onLink).containsAll(acknowledged);
    assertThat(
            control
                .apply("killed", "links: [{name: order, partitions: 3}]")
                .path("revision")
                .asInt())
        .isEqualTo(2);
  }
}
