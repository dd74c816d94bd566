package dev.koalja.pipeline.filter;

import io.cloudevents.CloudEvent;
import java.util.List;

/** The filters of one reader together: an event must pass all of them. */
public final class Filters {
  private Filters() {}

  /**
   * The verdict of the first filter that does not pass, or passed. The data is parsed at most once.
   * Never throws.
   */
  public static Verdict evaluate(List<Filter> filters, CloudEvent event) {
    return Evaluation.all(filters, new EventView(event));
  }
}
