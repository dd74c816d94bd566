package dev.koalja.runtime.registry;

import java.util.List;

/**
 * A function as the build found it.
 *
 * @param task the task
 * @param method the Java method, for people
 * @param invoker the generated class that calls it
 * @param inputType the Java type it reads, in Jackson's canonical form; or {@link #WHOLE_EVENT}
 * @param outputs its outputs, in the order of the record when there are several
 * @param several whether it returns a record with an output per component
 */
public record FunctionDescriptor(
    String task,
    String method,
    String invoker,
    String inputType,
    List<OutputDescriptor> outputs,
    boolean several) {
  /** The input is the CloudEvent itself. */
  public static final String WHOLE_EVENT = "io.cloudevents.CloudEvent";
}
