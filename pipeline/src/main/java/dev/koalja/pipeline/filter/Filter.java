package dev.koalja.pipeline.filter;

import com.fasterxml.jackson.core.JsonPointer;
import io.cloudevents.CloudEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Decides from an event alone whether it may reach a task: the dialects of the CloudEvents
 * Subscriptions API and one for JSON data. Values: immutable, safe for any thread, equal when they
 * say the same. What has to be parsed is parsed when the filter is made, and refused there with an
 * {@link IllegalArgumentException}.
 *
 * <p>Texts are compared case-sensitively. An attribute that is absent matches nothing. Attributes
 * that are no text are compared as CloudEvents writes them: times as RFC 3339 with the offset they
 * came with, numbers in decimal, bytes in base 64.
 */
public sealed interface Filter {

  /** What the filter says about an event. Never throws. Of several, see {@link Filters}. */
  default Verdict evaluate(CloudEvent event) {
    return Evaluation.of(this, new EventView(event));
  }

  /**
   * Each attribute has exactly this value.
   *
   * @param attributes at least one, values not empty
   */
  record Exact(Map<String, String> attributes) implements Filter {
    public Exact {
      attributes = checked(attributes);
    }
  }

  /**
   * Each attribute begins so.
   *
   * @param attributes at least one, values not empty
   */
  record Prefix(Map<String, String> attributes) implements Filter {
    public Prefix {
      attributes = checked(attributes);
    }
  }

  /**
   * Each attribute ends so.
   *
   * @param attributes at least one, values not empty
   */
  record Suffix(Map<String, String> attributes) implements Filter {
    public Suffix {
      attributes = checked(attributes);
    }
  }

  /**
   * All pass; the first one that does not decides.
   *
   * @param filters at least one
   */
  record All(List<Filter> filters) implements Filter {
    public All {
      filters = checked(filters);
    }
  }

  /**
   * One passes. When none does and one could not be evaluated, that one decides.
   *
   * @param filters at least one
   */
  record Any(List<Filter> filters) implements Filter {
    public Any {
      filters = checked(filters);
    }
  }

  /** The other does not pass. When it cannot be evaluated, this one cannot either. */
  record Not(Filter filter) implements Filter {}

  /** A CESQL expression is true. Any error, and any result but true or false, is an error. */
  record Sql(Cesql expression) implements Filter {
    public Sql {
      expression.requirePredicate();
    }

    /**
     * @throws IllegalArgumentException with the position of what is wrong in it
     */
    public Sql(String expression) {
      this(Cesql.parse(expression));
    }
  }

  /**
   * A value inside JSON data fulfils a condition. Data that is not JSON fulfils none, so that its
   * negation passes. Data too large or too deep to look at, or stored apart from the event, is an
   * error.
   *
   * @param pointer where the value stands, RFC 6901; empty for the whole
   */
  record Data(JsonPointer pointer, DataCondition condition) implements Filter {
    private static final Pattern POINTER = Pattern.compile("(/([^~/]|~[01])*+)*+", Pattern.DOTALL);
    private static final int MAX_POINTER = 1_000;

    public Data {
      checked(pointer.toString());
    }

    /**
     * @throws IllegalArgumentException if the pointer is none
     */
    public Data(String pointer, DataCondition condition) {
      this(JsonPointer.compile(checked(pointer)), condition);
    }

    private static String checked(String pointer) {
      if (pointer.length() > MAX_POINTER) {
        throw new IllegalArgumentException(
            "a JSON pointer of %d characters: at most %d".formatted(pointer.length(), MAX_POINTER));
      }
      if (!POINTER.matcher(pointer).matches()) {
        throw new IllegalArgumentException(
            "%s is no JSON pointer: begin each step with /, write ~ as ~0 and / as ~1"
                .formatted(Wording.quote(pointer)));
      }
      return pointer;
    }
  }

  private static Map<String, String> checked(Map<String, String> attributes) {
    if (attributes.isEmpty()) {
      throw new IllegalArgumentException("names no attribute: at least one is needed");
    }
    attributes.forEach(
        (name, value) -> {
          EventView.requireAttributeName(name);
          if (value.isEmpty()) {
            throw new IllegalArgumentException(name + ": the value to compare with is empty");
          }
        });
    // keeps the order as written, for verdicts
    return Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  private static List<Filter> checked(List<Filter> filters) {
    if (filters.isEmpty()) {
      throw new IllegalArgumentException("lists no filter: at least one is needed");
    }
    return List.copyOf(filters);
  }
}
