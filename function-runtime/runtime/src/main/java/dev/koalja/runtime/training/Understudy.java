package dev.koalja.runtime.training;

import dev.koalja.function.FunctionContext;
import dev.koalja.runtime.registry.FunctionInvoker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stands in for a function: what the function does to the world must not happen in training. */
final class Understudy extends FunctionInvoker {
  private final FunctionInvoker function;
  private int calls;

  Understudy(FunctionInvoker function) {
    this.function = function;
  }

  @Override
  public Class<?> functions() {
    return function.functions();
  }

  @Override
  public Object call(Object functions, @Nullable Object[] inputs, FunctionContext context) {
    // none, one and several results are answered in different ways
    return switch (calls++ % 3) {
      case 0 -> List.of();
      case 1 -> "result";
      default -> List.of("result", "result");
    };
  }

  @Override
  public @Nullable Object output(Object returned, int output) {
    return output == 0 ? returned : null;
  }
}
