package dev.koalja.gateway.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text with values of a payload in it: {@code {comment.url}/{comment.commit_id}}.
 *
 * @param text {@code {a.b}} is the value of field b of field a; {@code <a>} inside of it is
 *     replaced first; {@code /..} at the end takes the last part off
 */
record Template(String text) {
  private static final Pattern PATH = Pattern.compile("\\{([^}]+)}");
  private static final Pattern INNER = Pattern.compile("<([^>]+)>");
  private static final String PARENT = "/..";

  /** The text for a payload; empty when a value it needs is not there. */
  Optional<String> of(JsonNode payload) {
    if (text.equals("-")) {
      return Optional.empty();
    }
    boolean parent = text.endsWith(PARENT);
    String pattern = parent ? text.substring(0, text.length() - PARENT.length()) : text;
    StringBuilder filled = new StringBuilder();
    Matcher paths = PATH.matcher(pattern);
    while (paths.find()) {
      Optional<String> value = value(payload, path(payload, paths.group(1)));
      if (value.isEmpty()) {
        return Optional.empty();
      }
      paths.appendReplacement(filled, Matcher.quoteReplacement(value.get()));
    }
    paths.appendTail(filled);
    String whole = filled.toString();
    int last = whole.lastIndexOf('/');
    return Optional.of(parent && last > 0 ? whole.substring(0, last) : whole)
        .filter(each -> !each.isBlank());
  }

  private static String path(JsonNode payload, String path) {
    return INNER
        .matcher(path)
        .replaceAll(inner -> Matcher.quoteReplacement(value(payload, inner.group(1)).orElse("")));
  }

  private static Optional<String> value(JsonNode payload, String path) {
    JsonNode node = payload;
    for (String field : path.split("\\.")) {
      node = node.path(field);
    }
    return node.isValueNode() && !node.isNull() ? Optional.of(node.asText()) : Optional.empty();
  }
}
