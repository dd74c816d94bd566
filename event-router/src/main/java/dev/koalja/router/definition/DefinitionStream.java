package dev.koalja.router.definition;

import dev.koalja.pipeline.definition.DefinitionAssembler;
import dev.koalja.pipeline.definition.DefinitionAssembler.Change;
import dev.koalja.pipeline.definition.DefinitionRecord;
import dev.koalja.router.EventRouter;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.smallrye.reactive.messaging.kafka.Record;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the definition topic and has the router act on every complete revision. One record at a
 * time, in order.
 */
@ApplicationScoped
public class DefinitionStream {
  private static final Logger LOG = Logger.getLogger(DefinitionStream.class);

  private final EventRouter router;
  private final DefinitionAssembler assembler = new DefinitionAssembler();

  public DefinitionStream(EventRouter router) {
    this.router = router;
  }

  @Incoming("koalja-router-definition")
  @Blocking(ordered = true)
  void accept(Record<String, @Nullable String> record) {
    Change change =
        assembler.accept(new DefinitionRecord(record.key(), record.value())).orElse(null);
    switch (change) {
      case null -> {}
      case Change.Applied(var definition) -> router.apply(definition);
      case Change.Removed(var pipeline) -> router.remove(pipeline);
      case Change.Unreadable(var pipeline, var reason) ->
          LOG.errorf("definition of %s not followed: %s", pipeline, reason);
    }
  }
}
