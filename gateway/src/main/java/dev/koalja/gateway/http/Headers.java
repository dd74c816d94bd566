package dev.koalja.gateway.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The header fields of a request. Names are case-insensitive and kept in lower case.
 *
 * @param fields values by lower-case name, in the order they came
 */
public record Headers(Map<String, List<String>> fields) {
  public Headers {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    fields.forEach(
        (name, values) ->
            copy.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                .addAll(values));
    fields = copy;
  }

  /** Headers of one value each, for tests and callers that have no repeated ones. */
  public static Headers of(Map<String, String> single) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    single.forEach((name, value) -> fields.put(name, List.of(value)));
    return new Headers(fields);
  }

  /** The first value of a header. */
  public Optional<String> first(String name) {
    List<String> values = fields.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  /** How many bytes names and values have together. */
  public long size() {
    long size = 0;
    for (Map.Entry<String, List<String>> field : fields.entrySet()) {
      for (String value : field.getValue()) {
        size += field.getKey().length() + value.length();
      }
    }
    return size;
  }
}
