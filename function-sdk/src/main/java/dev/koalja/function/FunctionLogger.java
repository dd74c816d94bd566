package dev.koalja.function;

import java.text.MessageFormat;
import java.util.Arrays;
import java.util.Optional;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** A logger that ends each message with the call it is of, so that logs can be searched for it. */
final class FunctionLogger implements System.Logger {
  private static final String PREFIX = "koalja.function.";

  private final System.Logger logger;
  private final String call;

  FunctionLogger(FunctionContext context) {
    this.logger = System.getLogger(PREFIX + context.task());
    this.call =
        " [invocation %s, attempt %d%s]"
            .formatted(
                context.invocation(),
                context.attempt(),
                context.traceId().map(trace -> ", trace " + trace).orElse(""));
  }

  @Override
  public String getName() {
    return logger.getName();
  }

  @Override
  public boolean isLoggable(Level level) {
    return logger.isLoggable(level);
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    if (isLoggable(level)) {
      // what is already formatted is given without parameters, so that braces in it mean nothing
      String text = translated(bundle, message) + call;
      if (thrown == null) {
        logger.log(level, text);
      } else {
        logger.log(level, text, thrown);
      }
    }
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... parameters) {
    if (isLoggable(level)) {
      String pattern = translated(bundle, format);
      String line =
          parameters == null || parameters.length == 0 ? pattern : formatted(pattern, parameters);
      logger.log(level, line + call);
    }
  }

  /** As java.util.logging does: a line that is written wrongly is logged as it is, not thrown. */
  private static String formatted(String pattern, @Nullable Object... parameters) {
    try {
      return MessageFormat.format(pattern, parameters);
    } catch (IllegalArgumentException _) {
      return pattern + " " + Arrays.toString(parameters);
    }
  }

  private static String translated(@Nullable ResourceBundle bundle, @Nullable String key) {
    return Optional.ofNullable(key)
        .map(text -> bundle != null && bundle.containsKey(text) ? bundle.getString(text) : text)
        .orElse("");
  }
}
