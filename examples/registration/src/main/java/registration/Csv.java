package registration;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One line of comma-separated values for each record, which is only written. */
@ContentTypes("text/csv")
class Csv implements DataFormat {
  private final ObjectMapper mapper = new JsonMapper();

  @Override
  public Object read(Payload payload, JavaType type) throws IOException {
    throw new IOException("lines are written here, not read");
  }

  @Override
  public byte[] write(Object value, String contentType) {
    List<String> fields = new ArrayList<>();
    for (JsonNode field : mapper.<JsonNode>valueToTree(value)) {
      String text = field.isValueNode() ? field.asText() : field.toString();
      fields.add('"' + text.replace("\"", "\"\"") + '"');
    }
    return String.join(",", fields).getBytes(StandardCharsets.UTF_8);
  }
}
