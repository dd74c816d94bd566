package dev.koalja.runtime.receive;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of a request, which came alone or in a bundle. Names are in lower case. */
public interface RequestHeaders {
  /** The first value of a header; null when there is none. */
  @Nullable String first(String name);

  /** Gives each header. */
  void forEach(Each each);

  /** Takes headers. */
  @FunctionalInterface
  interface Each {
    /**
     * One of them.
     *
     * @param value its first value
     * @param times how often the header stands there
     */
    void header(String name, String value, int times);
  }

  /** Of a request of its own. */
  static RequestHeaders of(Headers headers) {
    return new OfExchange(headers);
  }

  /**
   * Of a request out of a bundle, where each stands once. They are not copied into {@link Headers},
   * which looks at every character of names and values again.
   */
  static RequestHeaders of(Map<String, String> headers) {
    return new OfBundle(headers);
  }

  /** As the server has them. */
  record OfExchange(Headers headers) implements RequestHeaders {
    @Override
    public @Nullable String first(String name) {
      return headers.getFirst(name);
    }

    @Override
    public void forEach(Each each) {
      for (Map.Entry<String, List<String>> header : headers.entrySet()) {
        List<String> values = header.getValue();
        each.header(header.getKey().toLowerCase(Locale.ROOT), values.getFirst(), values.size());
      }
    }
  }

  /** As a bundle has them. */
  record OfBundle(Map<String, String> headers) implements RequestHeaders {
    @Override
    public @Nullable String first(String name) {
      return headers.get(name);
    }

    @Override
    public void forEach(Each each) {
      for (Map.Entry<String, String> header : headers.entrySet()) {
        each.header(header.getKey(), header.getValue(), 1);
      }
    }
  }
}
