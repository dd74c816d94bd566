package dev.koalja.gateway.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.gateway.ingress.JsonText;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.TriggerKind.Change;
import io.cloudevents.CloudEvent;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3NotificationTest {
  private static final String AWS =
      """
      {"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1",
       "eventTime":"2026-11-22T12:00:00.000Z","eventName":"%s",
       "responseElements":{"x-amz-request-id":"REQ","x-amz-id-2":"ID2"},
       "s3":{"s3SchemaVersion":"1.0","bucket":{"name":"photos","arn":"arn:aws:s3:::photos"},
             "object":{"key":"%s","size":1024,"eTag":"e","versionId":"v1","sequencer":"%s"}}}
      """;
  private static final String MINIO =
      """
      {"EventName":"s3:ObjectCreated:Put","Key":"photos/uploads/a b.jpg","Records":[
       {"eventVersion":"2.0","eventSource":"minio:s3","awsRegion":"",
        "eventTime":"2026-11-22T12:00:00Z","eventName":"s3:ObjectCreated:Put",
        "responseElements":{"x-amz-request-id":"17A","x-amz-id-2":"dd9","x-minio-deployment-id":"x"},
        "s3":{"bucket":{"name":"photos"},
              "object":{"key":"uploads%2Fa+b.jpg","size":12,"sequencer":"17A0B1"}},
        "source":{"host":"10.0.0.1","userAgent":"mc"}}]}
      """;

  private static List<S3Record> read(String json) {
    return S3Notification.read(json.getBytes(UTF_8), new JsonText(50), 10).records();
  }

  private static List<S3Record> aws(String... records) {
    return read("{\"Records\":[" + String.join(",", records) + "]}");
  }

  @Test
  void shouldMapARecordOfAws() {
    CloudEvent event = aws(AWS.formatted("ObjectCreated:Put", "a.jpg", "0055")).getFirst().event();
    assertThat(event.getId()).matches("REQ\\.ID2\\.[0-9a-f]{32}");
    assertThat(event.getSource()).hasToString("aws:s3.eu-central-1.photos");
    assertThat(event.getType()).isEqualTo("com.amazonaws.s3.ObjectCreated:Put");
    assertThat(event.getSubject()).isEqualTo("a.jpg");
    assertThat(event.getTime()).hasToString("2026-11-22T12:00Z");
    assertThat(event.getDataContentType()).isEqualTo("application/json");
    assertThat(event.getExtension("partitionkey")).isEqualTo("photos/a.jpg");
    assertThat(event.getExtension("sequence")).isEqualTo("0055" + "0".repeat(28));
  }

  @Test
  void shouldMapARecordOfMinio() {
    S3Record record = read(MINIO).getFirst();
    assertThat(record.event().getType()).isEqualTo("com.amazonaws.s3.ObjectCreated:Put");
    assertThat(record.event().getSource()).hasToString("minio:s3..photos");
    assertThat(record.event().getSubject()).isEqualTo("uploads/a b.jpg");
    assertThat(record.event().getExtension("partitionkey")).isEqualTo("photos/uploads/a b.jpg");
    assertThat(record.origin()).isEqualTo("s3 photos/uploads/a b.jpg");
  }

  @Test
  void shouldGiveRecordsOfOneRequestIdsOfTheirOwn() {
    String first = AWS.formatted("ObjectCreated:Put", "a.jpg", "01");
    String second = AWS.formatted("ObjectCreated:Put", "b.jpg", "02");
    List<String> together = aws(first, second).stream().map(S3Record::id).toList();
    assertThat(together).doesNotHaveDuplicates().allMatch(id -> id.startsWith("REQ.ID2."));
    // MinIO tells of what one request did in several notifications
    assertThat(List.of(aws(first).getFirst().id(), aws(second).getFirst().id()))
        .isEqualTo(together);
  }

  @Test
  void shouldGiveTheSameIdAgainWhenNoRequestIsNamed() {
    String record =
        "{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"photos\"},\"object\":{\"key\":\"a\"}}}";
    assertThat(aws(record).getFirst().id())
        .matches("[0-9a-f]{32}")
        .isEqualTo(aws(record).getFirst().id())
        .isNotEqualTo(aws(record.replace("\"a\"", "\"b\"")).getFirst().id());
  }

  @Test
  void shouldTakeTheKeysOfCephAsTheyAre() {
    String record =
        AWS.formatted("ObjectCreated:Put", "100%25 a+b.jpg", "1").replace("aws:s3", "ceph:s3");
    assertThat(aws(record).getFirst().key()).isEqualTo("100%25 a+b.jpg");
  }

  @Test
  void shouldPassOverWhatIsNoneOfOursAndRefuseARecordOfManyNodes() {
    String noise = "[" + "1,".repeat(200_000) + "1]";
    assertThat(read("{\"noise\":" + noise + ",\"Records\":[]}")).isEmpty();
    assertThatThrownBy(() -> read("{\"Records\":[{\"eventName\":" + noise + "}]}"))
        .hasMessageContaining("record 1: it has");
  }

  @Test
  void shouldHaveNoRecordsInATestEvent() {
    assertThat(read("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"b\"}"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "a+b, 'a b'",
    "a%2Bb, a+b",
    "uploads%2F%C3%A9.jpg, uploads/é.jpg",
    "%zz, %zz",
    "%ff, %ff",
    "a%00b, a%00b",
    "100%, 100%",
    "é, é",
  })
  void shouldDecodeKeys(String encoded, String key) {
    assertThat(ObjectKey.decode(encoded)).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({
    "s3://photos, ObjectCreated:Put, uploads/a.jpg, true",
    "s3://photos/uploads/, ObjectCreated:CompleteMultipartUpload, uploads/a.jpg, true",
    "s3://photos/uploads/, ObjectCreated:Put, other/a.jpg, false",
    "s3://photo, ObjectCreated:Put, uploads/a.jpg, false",
    "s3://photos, ObjectRemoved:Delete, uploads/a.jpg, false",
    "s3://photos, ObjectTagging:Put, uploads/a.jpg, false",
  })
  void shouldWantWhatTheTriggerSays(String url, String name, String key, boolean wanted) {
    BucketFilter filter =
        new BucketFilter(new TriggerKind.Bucket(url, Set.of(Change.CREATED), Optional.empty()));
    assertThat(filter.wants(aws(AWS.formatted(name, key, "1")).getFirst())).isEqualTo(wanted);
  }

  @Test
  void shouldWantRemovalsWhenAsked() {
    BucketFilter filter =
        new BucketFilter(
            new TriggerKind.Bucket("s3://photos", Set.of(Change.REMOVED), Optional.empty()));
    assertThat(filter.wants(aws(AWS.formatted("ObjectRemoved:Delete", "a", "1")).getFirst()))
        .isTrue();
    assertThat(filter.wants(aws(AWS.formatted("LifecycleExpiration:Delete", "a", "1")).getFirst()))
        .isTrue();
  }

  @Test
  void shouldSayWhatIsWrongWithARecord() {
    assertThatThrownBy(() -> read("{}")).hasMessageContaining("\"Records\" is missing");
    assertThatThrownBy(() -> read("{\"Records\":[{}]}"))
        .hasMessage("record 1: the field \"eventName\" is missing");
    assertThatThrownBy(
            () -> aws(AWS.formatted("ObjectCreated:Put", "a", "1").replace("2.1", "3.0")))
        .hasMessageContaining("eventVersion is 3.0");
    assertThatThrownBy(
            () ->
                aws(
                    Collections.nCopies(11, AWS.formatted("ObjectCreated:Put", "a", "1"))
                        .toArray(String[]::new)))
        .hasMessageContaining("more than 10 records");
  }
}
