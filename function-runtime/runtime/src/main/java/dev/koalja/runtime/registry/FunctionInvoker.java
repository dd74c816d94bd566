package dev.koalja.runtime.registry;

import dev.koalja.function.FunctionContext;
import io.cloudevents.core.builder.CloudEventBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Calls one function without reflection. Subclasses are generated at build time, in the package of
 * the function.
 */
public abstract class FunctionInvoker {
  /** The class that declares the function, and whose bean is called. */
  public abstract Class<?> functions();

  /**
   * Calls the function.
   *
   * @param functions the bean
   * @param inputs what each input holds, as the parameter's type; null where it may be absent; then
   *     the state, where the function keeps one
   * @param context the call's context
   * @return what the function returned; null when it returns nothing
   * @throws Throwable what the function threw
   */
  public abstract @Nullable Object call(
      Object functions, @Nullable Object[] inputs, FunctionContext context) throws Throwable;

  /** The value of one of several outputs. */
  public @Nullable Object output(Object returned, int output) {
    return returned;
  }

  /** The key that a value of an output has by itself. */
  public @Nullable String key(Object value, int output) {
    return null;
  }

  /**
   * Sets the attributes that an output, the record of several outputs and a value of it have by
   * themselves.
   *
   * @param returned what the function returned
   */
  public void attributes(CloudEventBuilder event, Object returned, Object value, int output) {}

  /** The key that the record of several outputs gives to all of them. */
  public @Nullable String sharedKey(Object returned) {
    return null;
  }
}
