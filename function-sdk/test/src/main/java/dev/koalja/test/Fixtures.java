package dev.koalja.test;

import dev.koalja.router.event.EventJson;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Events that stand in files, such as {@code koalja capture} writes. */
public final class Fixtures {
  private Fixtures() {}

  /**
   * The events of a resource of the tests, a batch in the CloudEvents JSON format.
   *
   * @param resource such as {@code captured/order.json}
   * @throws IllegalArgumentException when there is no such resource, or it holds something else
   */
  public static List<CloudEvent> events(String resource) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    try (InputStream in = loader.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("the tests have no resource " + resource);
      }
      return List.of(EventJson.MAPPER.readValue(in, CloudEvent[].class));
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new IllegalArgumentException(
          "%s is no batch of CloudEvents: %s".formatted(resource, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }
}
