package dev.koalja.runtime.registry;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.runtime.health.FunctionCounters;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The functions of this process by task. Immutable. */
public final class FunctionRegistry {
  private final Map<String, HostedFunction> functions = new TreeMap<>();

  /**
   * Hosts what the build found.
   *
   * @param descriptors the functions
   * @param beans gives the bean of a class
   */
  public FunctionRegistry(List<FunctionDescriptor> descriptors, Function<Class<?>, Object> beans) {
    for (FunctionDescriptor descriptor : descriptors) {
      FunctionInvoker invoker = invoker(descriptor);
      functions.put(
          descriptor.task(),
          new HostedFunction(
              descriptor,
              invoker,
              beans.apply(invoker.functions()),
              descriptor.inputs().stream().map(HostedInput::of).toList(),
              descriptor.outputs().stream().map(HostedOutput::of).toList(),
              Optional.of(descriptor.stateType())
                  .filter(type -> !type.isEmpty())
                  .map(HostedInput::type),
              new FunctionCounters()));
    }
  }

  private FunctionRegistry() {}

  /** The same functions, called in another way. */
  public FunctionRegistry with(UnaryOperator<FunctionInvoker> invokers) {
    FunctionRegistry other = new FunctionRegistry();
    functions.forEach(
        (task, function) ->
            other.functions.put(
                task,
                new HostedFunction(
                    function.descriptor(),
                    invokers.apply(function.invoker()),
                    function.bean(),
                    function.inputs(),
                    function.outputs(),
                    function.stateType(),
                    new FunctionCounters())));
    return other;
  }

  private static FunctionInvoker invoker(FunctionDescriptor descriptor) {
    try {
      return Class.forName(
              descriptor.invoker(), true, Thread.currentThread().getContextClassLoader())
          .asSubclass(FunctionInvoker.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the build made no invoker for " + descriptor.method(), e);
    }
  }

  /** Every function, by name of its task. */
  public Collection<HostedFunction> all() {
    return functions.values();
  }

  /**
   * The function that a path names; {@code /} names the only one.
   *
   * @throws KoaljaException {@code unknown-function}, listing what is here
   */
  public HostedFunction at(String path) {
    String task = path.startsWith("/") ? path.substring(1) : path;
    HostedFunction function =
        task.isEmpty() && functions.size() == 1
            ? functions.values().iterator().next()
            : functions.get(task);
    if (function != null) {
      return function;
    }
    String here = String.join(", ", functions.keySet());
    throw new KoaljaException(
        ErrorCode.UNKNOWN_FUNCTION,
        task.isEmpty()
            ? "say which function, as POST /<task>: this process runs " + here
            : "no function \"%s\" here: this process runs %s".formatted(task, here));
  }
}
