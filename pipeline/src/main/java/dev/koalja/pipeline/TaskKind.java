package dev.koalja.pipeline;

import java.util.List;

/** What a task runs. The key of the task in the pipeline file says which. */
public sealed interface TaskKind {
  /**
   * A Java method of an app.
   *
   * @param app the build the function belongs to
   * @param isolated whether it gets processes of its own instead of sharing the app's
   * @param scale between how many instances its processes scale
   */
  record Function(AppName app, boolean isolated, Scale scale) implements TaskKind {}

  /**
   * Anything in an image that speaks CloudEvents over HTTP.
   *
   * @param image the image reference
   * @param port the port it listens on; 1 to 65535
   * @param scale between how many instances it scales
   */
  record Container(String image, int port, Scale scale) implements TaskKind {}

  /**
   * Lets events pass as they are, or not; the router does it, without any process. The original's
   * diode.
   *
   * @param filters all must let an event pass; at least one
   */
  record Filter(List<dev.koalja.pipeline.filter.Filter> filters) implements TaskKind {
    public Filter {
      filters = List.copyOf(filters);
    }
  }
}
