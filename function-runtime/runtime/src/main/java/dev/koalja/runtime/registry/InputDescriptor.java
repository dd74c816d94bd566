package dev.koalja.runtime.registry;

/**
 * An input of a function.
 *
 * @param name the port
 * @param javaType the Java type one event is read as, in Jackson's canonical form; or {@link
 *     #WHOLE_EVENT}
 * @param shape how the parameter holds its events
 * @param nullable whether the parameter is null when there is no event
 * @param attributed whether the data comes with its attributes, as an {@code Event}
 */
public record InputDescriptor(
    String name, String javaType, Shape shape, boolean nullable, boolean attributed) {
  /** The CloudEvent itself is read. */
  public static final String WHOLE_EVENT = "io.cloudevents.CloudEvent";

  /** How a parameter holds the events of its input. */
  public enum Shape {
    /** One event as it is. */
    ONE,
    /** One event or none. */
    OPTIONAL,
    /** Any number. */
    LIST
  }
}
