package dev.koalja.gateway.control;

import dev.koalja.gateway.definition.DefinitionPublisher;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineWriter;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /api/pipelines}: what is in force, and changing it. */
@ApplicationScoped
public class PipelineEndpoints {
  private final Definitions definitions;
  private final DefinitionPublisher publisher;

  PipelineEndpoints(Definitions definitions, DefinitionPublisher publisher) {
    this.definitions = definitions;
    this.publisher = publisher;
  }

  Answer list(Request request) {
    definitions.requireCaughtUp();
    return Answer.json(
        200,
        definitions.current().values().stream()
            .sorted(Comparator.comparing(each -> each.pipeline().name()))
            .map(PipelineEndpoints::shown)
            .toList());
  }

  Answer get(Request request) {
    return Answer.json(200, shown(definitions.require(request.segment("pipeline"))));
  }

  Answer put(Request request) throws InterruptedException {
    boolean bare =
        request
            .headers()
            .first("content-type")
            .filter(type -> type.startsWith(Proposal.MEDIA_TYPE))
            .isEmpty();
    return Answer.json(
        200,
        publisher.apply(
            request.segment("pipeline"),
            bare ? Proposal.of(text(request.body())) : proposal(request.body())));
  }

  /** The last revisions, the latest first. */
  Answer revisions(Request request) {
    return Answer.json(
        200,
        definitions.revisions(request.segment("pipeline")).stream()
            .map(PipelineEndpoints::shown)
            .toList());
  }

  Answer delete(Request request) throws InterruptedException {
    publisher.remove(request.segment("pipeline"));
    return Answer.empty(204);
  }

  private static Map<String, Object> shown(Definition definition) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", definition.pipeline().name().value());
    map.put("revision", definition.revision());
    definition.release().ifPresent(release -> map.put("release", release));
    map.put("pipeline", PipelineWriter.tree(definition.pipeline()));
    return map;
  }

  private static Proposal proposal(byte[] body) {
    try {
      return Json.MAPPER.readValue(body, Proposal.class);
    } catch (IOException e) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST, "this is no %s".formatted(Proposal.MEDIA_TYPE), e);
    }
  }

  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new KoaljaException(
          ErrorCode.INVALID_PIPELINE, "a pipeline file is UTF-8, this is not", e);
    }
  }
}
