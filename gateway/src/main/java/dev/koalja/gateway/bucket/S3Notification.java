package dev.koalja.gateway.bucket;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A notification as AWS S3, MinIO and Ceph send it: {@code {"Records":[…]}}, or the test event that
 * AWS sends when notifications are set up.
 *
 * @param records its records; none for a test event
 */
record S3Notification(List<S3Record> records) {
  private static final String TEST_EVENT = "s3:TestEvent";

  /** A key has at most 1,024 bytes, user metadata 2 KiB: no record comes near this. */
  private static final int LARGEST_RECORD = 256 << 10;

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
    boolean test = false;
    Optional<List<S3Record>> records = Optional.empty();
    try (JsonParser parser = EXACT.createParser(body)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        // token by token: a body may hold millions of nodes that are none of ours
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          JsonToken value = parser.nextToken();
          if (name.equals("Records") && value == JsonToken.START_ARRAY) {
            records = Optional.of(records(parser, body, most));
          } else if (name.equals("Event") && value == JsonToken.VALUE_STRING) {
            test = parser.getText().equals(TEST_EVENT);
          } else {
            parser.skipChildren();
          }
        }
      }
    } catch (IOException e) {
      throw malformed("not JSON: " + e.getMessage());
    }
    return new S3Notification(
        test
            ? List.of()
            : records.orElseThrow(
                () -> malformed("no bucket notification: the field \"Records\" is missing")));
  }

  private static List<S3Record> records(JsonParser parser, byte[] body, int most)
      throws IOException {
    List<S3Record> records = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (records.size() == most) {
        throw new KoaljaException(
            ErrorCode.TOO_LARGE, "the notification has more than %d records".formatted(most));
      }
      int start = (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      parser.getText(); // scalars are read lazily: now the parser stands behind it
      int end = (int) parser.currentLocation().getByteOffset();
      try {
        records.add(record(Arrays.copyOfRange(body, start, end)));
      } catch (IllegalArgumentException e) {
        throw malformed("record %d: %s".formatted(records.size() + 1, e.getMessage()));
      }
    }
    return records;
  }

  private static S3Record record(byte[] json) throws IOException {
    if (json.length > LARGEST_RECORD) {
      throw new IllegalArgumentException(
          "it has %d bytes, at most %d are read".formatted(json.length, LARGEST_RECORD));
    }
    JsonNode each = EXACT.readTree(json);
    return S3Record.read(each, EXACT.writeValueAsBytes(each));
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_DATA, message);
  }
}
