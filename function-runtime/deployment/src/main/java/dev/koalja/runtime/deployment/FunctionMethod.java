package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.TaskName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.MethodInfo;

/**
 * A method that is a function, once everything about it has been found right.
 *
 * @param method the method
 * @param task the task it is
 * @param inputs its inputs, in the order of the parameters
 * @param state where it remembers things of a key, if it does
 * @param returned what it makes
 * @param outputs its outputs, in the order of the record's components when there are several
 * @param several whether it returns a record with an output per component
 * @param sharedKey where the key of all of several outputs stands, if it has one
 * @param sharedAttributes attributes of all of several outputs
 * @param isolated whether it gets processes of its own
 * @param scale its scale, when the author wrote one
 * @param delivery how its events are delivered
 * @param snapshot how they are put together; empty when it takes them one by one
 * @param coldStartBudget how long a cold start may take, when the author wrote it
 */
record FunctionMethod(
    MethodInfo method,
    TaskName task,
    List<InputPort> inputs,
    Optional<StatePort> state,
    Returned returned,
    List<OutputPort> outputs,
    boolean several,
    Optional<KeyAccess> sharedKey,
    List<AttributePort> sharedAttributes,
    boolean isolated,
    Optional<Scale> scale,
    Delivery delivery,
    Optional<Snapshot> snapshot,
    Optional<Duration> coldStartBudget) {
  FunctionMethod {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    sharedAttributes = List.copyOf(sharedAttributes);
  }

  /** The method as problems name it. */
  String where() {
    return JavaNames.method(method);
  }
}
