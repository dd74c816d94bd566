package dev.koalja.runtime.registry;

import dev.koalja.runtime.health.FunctionCounters;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;

/**
 * A function that can be called.
 *
 * @param descriptor what it is
 * @param invoker how it is called
 * @param bean on what it is called
 * @param inputs as what its events are read
 * @param outputs what its results are written to
 * @param stateType as what the state of a key is read; empty: it keeps none
 * @param counters what is counted about it
 */
public record HostedFunction(
    FunctionDescriptor descriptor,
    FunctionInvoker invoker,
    Object bean,
    List<HostedInput> inputs,
    List<HostedOutput> outputs,
    Optional<Type> stateType,
    FunctionCounters counters) {
  /** The task it runs. */
  public String task() {
    return descriptor.task();
  }
}
