package dev.koalja.runtime.registry;

import dev.koalja.runtime.health.FunctionCounters;
import java.util.List;

/**
 * A function that can be called.
 *
 * @param descriptor what it is
 * @param invoker how it is called
 * @param bean on what it is called
 * @param inputs as what its events are read
 * @param counters what is counted about it
 */
public record HostedFunction(
    FunctionDescriptor descriptor,
    FunctionInvoker invoker,
    Object bean,
    List<HostedInput> inputs,
    FunctionCounters counters) {
  /** The task it runs. */
  public String task() {
    return descriptor.task();
  }
}
