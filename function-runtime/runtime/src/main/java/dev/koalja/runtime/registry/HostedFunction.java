package dev.koalja.runtime.registry;

import dev.koalja.runtime.health.FunctionCounters;
import java.lang.reflect.Type;
import java.util.Optional;

/**
 * A function that can be called.
 *
 * @param descriptor what it is
 * @param invoker how it is called
 * @param bean on what it is called
 * @param inputType as what the data is read; empty: the whole event
 * @param counters what is counted about it
 */
public record HostedFunction(
    FunctionDescriptor descriptor,
    FunctionInvoker invoker,
    Object bean,
    Optional<Type> inputType,
    FunctionCounters counters) {
  /** The task it runs. */
  public String task() {
    return descriptor.task();
  }
}
