package dev.koalja.cli.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.pipeline.error.Suggestion;
import java.util.List;
import java.util.stream.StreamSupport;

/** A task as people name it, found in a running circuit. */
public final class TaskReference {
  private TaskReference() {}

  /**
   * Finds {@code task} or {@code pipeline/task} among what {@code /api/tasks} answers.
   *
   * @throws CliException when there is none or more than one
   */
  public static JsonNode find(JsonNode tasks, String text) {
    int slash = text.indexOf('/');
    String name = text.substring(slash + 1);
    List<JsonNode> matches =
        StreamSupport.stream(tasks.spliterator(), false)
            .filter(task -> task.path("task").asText().equals(name))
            .filter(
                task ->
                    slash < 0 || task.path("pipeline").asText().equals(text.substring(0, slash)))
            .toList();
    if (matches.size() == 1) {
      return matches.getFirst();
    }
    if (matches.isEmpty()) {
      List<String> names = tasks.findValuesAsText("task");
      String meant = Suggestion.didYouMean(name, names);
      if (meant.isEmpty() && !names.isEmpty()) {
        meant = ": there are " + String.join(", ", names);
      }
      throw CliException.usage("no task is called \"" + text + "\"" + meant);
    }
    throw CliException.usage(
        "several pipelines have a task \"%s\": write %s"
            .formatted(
                name,
                String.join(
                    " or ",
                    matches.stream()
                        .map(task -> task.path("pipeline").asText() + "/" + name)
                        .toList())));
  }
}
