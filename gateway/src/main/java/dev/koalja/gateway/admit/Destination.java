package dev.koalja.gateway.admit;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.event.TopicName;

/**
 * A link in force that events go to.
 *
 * @param pipeline its pipeline
 * @param link its name
 */
public record Destination(PipelineName pipeline, LinkName link) {
  /** The link's topic. */
  public String topic() {
    return TopicName.link(pipeline, link);
  }
}
