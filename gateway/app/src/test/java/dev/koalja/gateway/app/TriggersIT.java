package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.header;
import static dev.koalja.gateway.app.TestKafka.text;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.net.URL;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(60)
@WithTestResource(TestBroker.class)
class TriggersIT {
  private static final String PUSH =
      "{\"ref\":\"refs/heads/main\",\"repository\":{\"url\":\"https://github.com/o/r\",\"full_name\":\"o/r\"}}";
  private static final String CREATED =
      """
      {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu","eventTime":"2026-11-22T12:00:00Z",
       "eventName":"ObjectCreated:Put","responseElements":{"x-amz-request-id":"%s","x-amz-id-2":"i"},
       "s3":{"bucket":{"name":"photos"},"object":{"key":"uploads/a+b.jpg","versionId":"3L4k","sequencer":"01"}}},
       {"eventVersion":"2.1","eventName":"ObjectRemoved:Delete",
       "s3":{"bucket":{"name":"photos"},"object":{"key":"uploads/c.jpg"}}}]}""";

  @TestHTTPResource(value = "/", management = true)
  URL management;

  @BeforeEach
  void apply() throws Exception {
    new Control(management)
        .apply(
            "triggers",
            """
            triggers:
            - {name: github, link: push, webhook: {scheme: github, secretRef: hook}}
            - {name: forgotten, link: push, webhook: {scheme: github, secretRef: nowhere}}
            - {name: open, link: plain, webhook: {scheme: none}}
            - {name: photos, link: uploaded, bucket: {url: "s3://photos/uploads/", events: [created], tokenRef: hook}}
            """);
  }

  private static String sign(String secret, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
    return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
  }

  private static ValidatableResponse github(
      String trigger, String event, String delivery, String body, String signature) {
    return given()
        .header("X-GitHub-Event", event)
        .header("X-GitHub-Delivery", delivery)
        .header("X-Hub-Signature-256", signature)
        .contentType("application/json")
        .body(body.getBytes(UTF_8))
        .post("/webhooks/triggers/" + trigger)
        .then();
  }

  /** Everything on a link, of all its partitions. */
  private static List<ConsumerRecord<byte[], byte[]>> all(String link) {
    return TestKafka.toTheEnd("koalja.triggers." + link);
  }

  private static List<ConsumerRecord<byte[], byte[]>> on(String link, String id) {
    return TestKafka.records(
            "koalja.triggers." + link,
            all -> all.stream().anyMatch(each -> header(each, "ce_id").equals(id)))
        .stream()
        .filter(each -> header(each, "ce_id").equals(id))
        .toList();
  }

  @Test
  void shouldTakeASignedPushWithEitherSecret() throws Exception {
    github("github", "push", "d-1", PUSH, sign(TestBroker.SECRET, PUSH)).statusCode(202);
    github("github", "push", "d-2", PUSH, sign("older", PUSH)).statusCode(202);
    ConsumerRecord<byte[], byte[]> record = on("push", "d-1").getFirst();
    assertThat(header(record, "ce_type")).isEqualTo("com.github.push");
    assertThat(header(record, "ce_source")).isEqualTo("https://github.com/o/r");
    assertThat(header(record, "ce_koaljaorigin"))
        .isEqualTo("trigger github, POST /webhooks/triggers/github, 127.0.0.1");
    assertThat(text(record.key())).isEqualTo("o/r");
    assertThat(text(record.value())).isEqualTo(PUSH);
    assertThat(on("push", "d-2")).hasSize(1);
  }

  @Test
  void shouldVerifyBeforeItParses() throws Exception {
    github("github", "push", "bad-1", "no json", sign("guess", "no json"))
        .statusCode(401)
        .body("type", equalTo("urn:koalja:error:bad-signature"));
    github("github", "push", "bad-2", "no json", sign(TestBroker.SECRET, "no json"))
        .statusCode(400);
    github("forgotten", "push", "bad-3", PUSH, sign(TestBroker.SECRET, PUSH))
        .statusCode(503)
        .body("type", equalTo("urn:koalja:error:secret-missing"));
    given().body(PUSH).post("/webhooks/triggers/github").then().statusCode(401);
  }

  @Test
  void shouldAnswerAPingAndAppendNothing() throws Exception {
    String ping = "{\"zen\":\"Keep it logically awesome.\"}";
    github("github", "ping", "ping-1", ping, sign(TestBroker.SECRET, ping))
        .statusCode(202)
        .body("accepted", hasSize(0));
    github("github", "ping", "ping-2", ping, "sha256=00").statusCode(401);
    github("github", "push", "after-ping", PUSH, sign(TestBroker.SECRET, PUSH)).statusCode(202);
    on("push", "after-ping");
    assertThat(all("push"))
        .anyMatch(each -> header(each, "ce_id").equals("after-ping"))
        .noneMatch(each -> header(each, "ce_type").equals("com.github.ping"));
  }

  @Test
  void shouldTakeAnythingAtAnOpenWebhook() {
    given()
        .header("webhook-id", "w-1")
        .contentType("text/plain")
        .body("hello")
        .post("/webhooks/triggers/open")
        .then()
        .statusCode(202);
    ConsumerRecord<byte[], byte[]> record = on("plain", "w-1").getFirst();
    assertThat(text(record.value())).isEqualTo("hello");
    assertThat(header(record, "ce_type")).isEqualTo("dev.koalja.webhook");
  }

  @Test
  void shouldMakeAnEventOfEachRecordTheBucketTriggerWants() {
    given()
        .header("Authorization", "Bearer " + TestBroker.SECRET)
        .contentType("application/json")
        .body(CREATED.formatted("r-1"))
        .post("/buckets/triggers/photos")
        .then()
        .statusCode(202)
        .body("accepted", hasSize(1))
        .body("accepted[0].id", startsWith("r-1.i."));
    ConsumerRecord<byte[], byte[]> record =
        all("uploaded").stream()
            .filter(each -> header(each, "ce_id").startsWith("r-1.i."))
            .findFirst()
            .orElseThrow();
    assertThat(header(record, "ce_type")).isEqualTo("com.amazonaws.s3.ObjectCreated:Put");
    assertThat(header(record, "ce_subject")).isEqualTo("uploads/a b.jpg");
    assertThat(header(record, "ce_koaljaorigin"))
        .isEqualTo("trigger photos, s3 photos/uploads/a b.jpg version 3L4k");
    assertThat(text(record.key())).isEqualTo("photos/uploads/a b.jpg");
  }

  @Test
  void shouldAnswerTheProbeOfMinioWithTheSameCredential() {
    String path = "/buckets/triggers/photos";
    given().head(path).then().statusCode(401);
    given().header("Authorization", "Bearer guess").head(path).then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + TestBroker.SECRET)
        .head(path)
        .then()
        .statusCode(200);
    given().body(CREATED.formatted("r-2")).post(path).then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + TestBroker.SECRET)
        .get(path)
        .then()
        .statusCode(405)
        .header("Allow", "HEAD, POST");
  }

  @Test
  void shouldDropTheTestEventOfAws() {
    given()
        .header("Authorization", "Bearer " + TestBroker.SECRET)
        .body("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"photos\"}")
        .post("/buckets/triggers/photos")
        .then()
        .statusCode(202)
        .body("accepted", hasSize(0));
  }

  @Test
  void shouldTellWhereATriggerReallyIs() {
    given()
        .post("/webhooks/triggers/photos")
        .then()
        .statusCode(404)
        .body("detail", containsString("/buckets/triggers/photos"));
    given()
        .post("/buckets/triggers/open")
        .then()
        .statusCode(404)
        .body("detail", containsString("/webhooks/triggers/open"));
    given()
        .post("/webhooks/triggers/githb")
        .then()
        .statusCode(404)
        .body("detail", containsString("did you mean \"github\""));
  }
}
