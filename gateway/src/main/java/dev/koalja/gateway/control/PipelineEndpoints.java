package dev.koalja.gateway.control;

import dev.koalja.gateway.definition.DefinitionPublisher;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineWriter;
import jakarta.enterprise.context.ApplicationScoped;
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
    return Answer.json(
        200,
        publisher.apply(
            request.segment("pipeline"), text(request.body()), request.flag("rebuilt")));
  }

  Answer delete(Request request) throws InterruptedException {
    publisher.remove(request.segment("pipeline"));
    return Answer.empty(204);
  }

  private static Map<String, Object> shown(Definition definition) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", definition.pipeline().name().value());
    map.put("revision", definition.revision());
    map.put("pipeline", PipelineWriter.tree(definition.pipeline()));
    return map;
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
