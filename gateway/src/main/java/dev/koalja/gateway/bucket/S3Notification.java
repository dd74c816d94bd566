package dev.koalja.gateway.bucket;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.koalja.gateway.ingress.JsonText;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A notification as AWS S3, MinIO and Ceph send it: {@code {"Records":[…]}}, or the test event that
 * AWS sends when notifications are set up.
 *
 * @param records its records; none for a test event
 */
record S3Notification(List<S3Record> records) {
  private static final String TEST_EVENT = "s3:TestEvent";

  /** Numbers keep their digits. */
  private static final ObjectMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * Reads a body.
   *
   * @param most records at most
   * @throws KoaljaException saying which record is wrong, and how
   */
  static S3Notification read(byte[] body, JsonText json, int most) {
    json.check(body);
    JsonNode root = parse(body);
    if (root.path("Event").asText().equals(TEST_EVENT)) {
      return new S3Notification(List.of());
    }
    JsonNode list = root.path("Records");
    if (!list.isArray()) {
      throw malformed("no bucket notification: the field \"Records\" is missing");
    }
    if (list.size() > most) {
      throw new KoaljaException(
          ErrorCode.TOO_LARGE, "the notification has more than %d records".formatted(most));
    }
    Map<String, Integer> sharing = new HashMap<>();
    list.forEach(each -> sharing.merge(S3Record.requestId(each), 1, Integer::sum));
    List<S3Record> records = new ArrayList<>();
    for (JsonNode each : list) {
      try {
        boolean shared = sharing.getOrDefault(S3Record.requestId(each), 1) > 1;
        records.add(S3Record.read(each, EXACT.writeValueAsBytes(each), shared));
      } catch (IllegalArgumentException | IOException e) {
        throw malformed("record %d: %s".formatted(records.size() + 1, e.getMessage()));
      }
    }
    return new S3Notification(records);
  }

  private static JsonNode parse(byte[] body) {
    try {
      return EXACT.readTree(body);
    } catch (IOException e) {
      throw malformed("not JSON: " + e.getMessage());
    }
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_DATA, message);
  }
}
