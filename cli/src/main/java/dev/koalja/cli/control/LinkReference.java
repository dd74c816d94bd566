package dev.koalja.cli.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.pipeline.error.Suggestion;
import java.util.ArrayList;
import java.util.List;

/**
 * A link as people name it, found in a running circuit.
 *
 * @param pipeline its pipeline
 * @param link its name
 */
public record LinkReference(String pipeline, String link) {
  /**
   * Finds {@code link} or {@code pipeline/link}.
   *
   * @throws CliException when there is none or more than one
   */
  public static LinkReference find(ControlClient control, String text) {
    int slash = text.indexOf('/');
    String name = text.substring(slash + 1);
    List<LinkReference> matches = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JsonNode each : control.get("/api/links")) {
      LinkReference link =
          new LinkReference(each.path("pipeline").asText(), each.path("link").asText());
      names.add(link.link);
      if (link.link.equals(name) && (slash < 0 || link.pipeline.equals(text.substring(0, slash)))) {
        matches.add(link);
      }
    }
    if (matches.size() == 1) {
      return matches.getFirst();
    }
    if (matches.isEmpty()) {
      String meant = Suggestion.didYouMean(name, names);
      if (meant.isEmpty() && !names.isEmpty()) {
        meant = ": there are " + String.join(", ", names);
      }
      throw CliException.usage("no link is called \"" + text + "\"" + meant);
    }
    throw CliException.usage(
        "several pipelines have a link \"%s\": write %s"
            .formatted(name, String.join(" or ", matches.stream().map(Object::toString).toList())));
  }

  @Override
  public String toString() {
    return pipeline + "/" + link;
  }
}
