package dev.koalja.runtime.registry;

import java.util.List;

/**
 * A function as the build found it.
 *
 * @param task the task
 * @param method the Java method, for people
 * @param invoker the generated class that calls it
 * @param inputs its inputs, in the order of the parameters
 * @param takes how it is handed its events
 * @param stateType the Java type of what it remembers of a key, in Jackson's canonical form; empty:
 *     nothing
 * @param outputs its outputs, in the order of the record when there are several
 * @param several whether it returns a record with an output per component
 */
public record FunctionDescriptor(
    String task,
    String method,
    String invoker,
    List<InputDescriptor> inputs,
    Takes takes,
    String stateType,
    List<OutputDescriptor> outputs,
    boolean several) {
  /** How a function is handed its events. */
  public enum Takes {
    /** One by one. */
    ONE,
    /** Several of one input, as they come. */
    BATCH,
    /** Those that belong together, of every input. */
    SNAPSHOT
  }

  /** Whether several events may come in one call. */
  public boolean takesMany() {
    return takes != Takes.ONE;
  }
}
