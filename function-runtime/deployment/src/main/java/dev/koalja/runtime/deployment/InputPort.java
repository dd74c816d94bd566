package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.filter.Filter;
import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.runtime.registry.InputDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.Type;

/**
 * An input of a function.
 *
 * @param position which parameter it is, from 0
 * @param parameter the parameter's name
 * @param name the port
 * @param link the link that is read
 * @param merged more links, whose events are counted among its own
 * @param from where to begin
 * @param declared the parameter's type
 * @param element the type of one event's data, out of the list or optional, and of the event
 * @param shape how the parameter holds its events
 * @param nullable whether it may be null
 * @param attributed whether the data comes with its attributes, as an {@code Event}
 * @param filters what keeps events away
 * @param length how many events a snapshot has of it
 * @param slides whether the author says by how many events it slides
 * @param correlate what makes its events belong to others, where it is not the task's rule
 * @param schema what it can read, when that is known
 */
record InputPort(
    int position,
    String parameter,
    PortName name,
    LinkName link,
    List<LinkName> merged,
    StartPosition from,
    Type declared,
    Type element,
    InputDescriptor.Shape shape,
    boolean nullable,
    boolean attributed,
    List<Filter> filters,
    Input.Length length,
    boolean slides,
    Optional<Correlation> correlate,
    Optional<DataSchema> schema) {
  InputPort {
    merged = List.copyOf(merged);
    filters = List.copyOf(filters);
  }

  /** The same with a schema. */
  InputPort withSchema(Optional<DataSchema> known) {
    return new InputPort(
        position,
        parameter,
        name,
        link,
        merged,
        from,
        declared,
        element,
        shape,
        nullable,
        attributed,
        filters,
        length,
        slides,
        correlate,
        known);
  }

  /** Every link it reads. */
  List<LinkName> links() {
    List<LinkName> links = new ArrayList<>(merged);
    links.addFirst(link);
    return links;
  }

  /** The inputs it is in the pipeline: itself, and one for each link that is merged into it. */
  List<Input> inputs() {
    Optional<String> type = JavaNames.wireType(element);
    List<Input> inputs = new ArrayList<>();
    inputs.add(
        new Input(name, link, from, type, filters, length, Optional.empty(), correlate, schema));
    for (int i = 0; i < merged.size(); i++) {
      PortName port = new PortName(name + "-" + (i + 2));
      inputs.add(
          new Input(
              port,
              merged.get(i),
              from,
              type,
              filters,
              Input.Length.ONE,
              Optional.of(name),
              correlate,
              schema));
    }
    return inputs;
  }
}
