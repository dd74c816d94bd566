package dev.koalja.test;

import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.KebabCase;
import dev.koalja.function.KeyedState;
import dev.koalja.runtime.registry.FunctionInvoker;
import dev.koalja.runtime.validation.EventExtractor;
import io.cloudevents.core.builder.CloudEventBuilder;
import jakarta.validation.Configuration;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.MessageInterpolator;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import jakarta.validation.executable.ExecutableValidator;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A function between its constraints, which its process has by an interceptor. Loaded only where
 * the app has a validator.
 */
final class ConstrainedFunction extends FunctionInvoker {
  private static final Map<Locale, ValidatorFactory> VALIDATORS = new ConcurrentHashMap<>();

  private final FunctionInvoker function;
  private final Method method;
  private final ExecutableValidator validator;

  private ConstrainedFunction(
      FunctionInvoker function, Method method, ExecutableValidator validator) {
    this.function = function;
    this.method = method;
    this.validator = validator;
  }

  /**
   * The function itself, when nothing constrains it.
   *
   * @param language that of messages
   */
  static FunctionInvoker of(FunctionInvoker function, String task, Locale language) {
    Validator validator =
        VALIDATORS.computeIfAbsent(language, ConstrainedFunction::factory).getValidator();
    Method method =
        Arrays.stream(function.functions().getDeclaredMethods())
            .filter(each -> isTask(each, task))
            .findFirst()
            .orElseThrow();
    boolean constrained =
        validator
                .getConstraintsForClass(function.functions())
                .getConstraintsForMethod(method.getName(), method.getParameterTypes())
            != null;
    return constrained
        ? new ConstrainedFunction(function, method, validator.forExecutables())
        : function;
  }

  private static ValidatorFactory factory(Locale language) {
    Configuration<?> configuration = Validation.byDefaultProvider().configure();
    MessageInterpolator messages = configuration.getDefaultMessageInterpolator();
    return configuration
        .addValueExtractor(new EventExtractor())
        .messageInterpolator(
            new MessageInterpolator() {
              @Override
              public String interpolate(String template, Context context) {
                return messages.interpolate(template, context, language);
              }

              @Override
              public String interpolate(String template, Context context, Locale other) {
                return messages.interpolate(template, context, other);
              }
            })
        .buildValidatorFactory();
  }

  private static boolean isTask(Method method, String task) {
    Function function = method.getAnnotation(Function.class);
    return function != null
        && task.equals(
            function.name().isEmpty() ? KebabCase.of(method.getName()) : function.name());
  }

  @Override
  public Class<?> functions() {
    return function.functions();
  }

  @Override
  public @Nullable Object call(Object functions, @Nullable Object[] inputs, FunctionContext context)
      throws Throwable {
    require(validator.validateParameters(functions, method, arguments(inputs, context)));
    Object returned = function.call(functions, inputs, context);
    require(validator.validateReturnValue(functions, method, returned));
    return returned;
  }

  /** As the method declares them; {@code inputs} are in that order too, the state is the last. */
  private @Nullable Object[] arguments(@Nullable Object[] inputs, FunctionContext context) {
    Parameter[] parameters = method.getParameters();
    @Nullable Object[] arguments = new Object[parameters.length];
    int input = 0;
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].isAnnotationPresent(Input.class)) {
        arguments[i] = inputs[input];
        input++;
      } else {
        arguments[i] =
            parameters[i].getType() == KeyedState.class ? inputs[inputs.length - 1] : context;
      }
    }
    return arguments;
  }

  private static void require(Set<ConstraintViolation<Object>> violations) {
    if (!violations.isEmpty()) {
      throw new ConstraintViolationException(violations);
    }
  }

  @Override
  public @Nullable Object output(Object returned, int output) {
    return function.output(returned, output);
  }

  @Override
  public @Nullable String key(Object value, int output) {
    return function.key(value, output);
  }

  @Override
  public void attributes(CloudEventBuilder event, Object returned, Object value, int output) {
    function.attributes(event, returned, value, output);
  }

  @Override
  public @Nullable String sharedKey(Object returned) {
    return function.sharedKey(returned);
  }
}
