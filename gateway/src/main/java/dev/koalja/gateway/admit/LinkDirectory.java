package dev.koalja.gateway.admit;

import dev.koalja.gateway.definition.Definitions;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.Suggestion;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;

/** Finds links and triggers among the pipelines in force. Thread-safe. */
@ApplicationScoped
public class LinkDirectory {
  private final Definitions definitions;

  LinkDirectory(Definitions definitions) {
    this.definitions = definitions;
  }

  /**
   * The link of that name, wherever it is.
   *
   * @throws KoaljaException {@link ErrorCode#UNKNOWN_LINK}, or {@link ErrorCode#AMBIGUOUS_LINK}
   *     when several pipelines have one
   */
  public Destination link(String name) {
    definitions.requireCaughtUp();
    List<Destination> found =
        definitions.current().values().stream()
            .flatMap(
                definition ->
                    definition
                        .pipeline()
                        .link(name)
                        .map(link -> destination(definition, link))
                        .stream())
            .toList();
    return switch (found.size()) {
      case 1 -> found.getFirst();
      case 0 -> throw unknown(name, names(definitions.current().values().stream().toList()));
      default ->
          throw new KoaljaException(
              ErrorCode.AMBIGUOUS_LINK,
              "several pipelines have a link \"%s\": post to one of %s"
                  .formatted(
                      name,
                      found.stream()
                          .map(each -> "/events/" + each.pipeline() + "/" + name)
                          .sorted()
                          .collect(Collectors.joining(", "))));
    };
  }

  /** The link of that name in a pipeline. */
  public Destination link(String pipeline, String name) {
    Definition definition = definitions.require(pipeline);
    return definition
        .pipeline()
        .link(name)
        .map(link -> destination(definition, link))
        .orElseThrow(() -> unknown(pipeline + "/" + name, name, names(List.of(definition))));
  }

  /**
   * The trigger of that name in a pipeline.
   *
   * @throws KoaljaException {@link ErrorCode#UNKNOWN_TRIGGER}
   */
  public Trigger trigger(String pipeline, String name) {
    Definition definition = definitions.require(pipeline);
    List<String> known =
        definition.pipeline().triggers().stream().map(each -> each.name().value()).toList();
    return definition
        .pipeline()
        .trigger(name)
        .orElseThrow(
            () ->
                new KoaljaException(
                    ErrorCode.UNKNOWN_TRIGGER,
                    "pipeline %s has no trigger called \"%s\"%s"
                        .formatted(pipeline, name, Suggestion.didYouMean(name, known))));
  }

  private static Destination destination(Definition definition, Link link) {
    return new Destination(definition.pipeline().name(), link.name());
  }

  private static List<String> names(List<Definition> among) {
    return among.stream()
        .flatMap(definition -> definition.pipeline().links().stream())
        .map(link -> link.name().value())
        .distinct()
        .sorted()
        .toList();
  }

  private static KoaljaException unknown(String name, List<String> known) {
    return unknown(name, name, known);
  }

  private static KoaljaException unknown(String shown, String name, List<String> known) {
    String hint = Suggestion.didYouMean(name, known);
    return new KoaljaException(
        ErrorCode.UNKNOWN_LINK,
        "no link is called \"%s\"%s"
            .formatted(
                shown,
                hint.isEmpty()
                    ? known.isEmpty()
                        ? ": there are none"
                        : " (there are %s)".formatted(shown(known))
                    : hint));
  }

  private static String shown(List<String> known) {
    int most = 20;
    return String.join(", ", known.subList(0, Math.min(most, known.size())))
        + (known.size() > most ? ", …" : "");
  }
}
