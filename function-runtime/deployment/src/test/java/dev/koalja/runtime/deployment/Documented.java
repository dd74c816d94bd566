package dev.koalja.runtime.deployment;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.koalja.function.Attribute;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.Payload;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** The code of docs/functions.md. */
final class Documented {
  private Documented() {}

  interface Catalogue {
    BigDecimal price(String sku);

    boolean knows(String sku);

    CompletionStage<BigDecimal> priceLater(String sku);

    Uni<List<Priced>> offers(String sku);
  }

  record Order(@NotBlank String id, String sku, @Min(1) int amount) {}

  record Priced(@Key String order, @Attribute("subject") String sku, BigDecimal total) {}

  record Line(@Key String order, String sku) {}

  record Sorted(
      @Key String order, @Output("line") List<Line> lines, @Output("note") Optional<String> note) {}

  record Measured(@Attribute("time") Instant at, @Attribute("sensor") String id, double value) {}

  static class Prices {
    private final Catalogue catalogue;

    Prices(Catalogue catalogue) {
      this.catalogue = catalogue;
    }

    @Function
    @Output("priced")
    Priced price(@Input("order") Order order) {
      if (!catalogue.knows(order.sku())) {
        throw new TerminalException("unknown sku " + order.sku());
      }
      return new Priced(order.id(), order.sku(), catalogue.price(order.sku()));
    }

    @Function
    @Output("audited")
    Event<String> audit(@Input("priced") Event<Priced> priced) {
      return priced
          .with(priced.source() + " says " + priced.data().total())
          .type("com.example.audited")
          .extension("auditor", "ann");
    }

    @Function
    @Output("size")
    long measure(@Input("upload") InputStream file) throws IOException {
      return file.transferTo(java.io.OutputStream.nullOutputStream());
    }

    @Function
    Sorted sort(@Input("order") Order order) {
      return new Sorted(order.id(), List.of(new Line(order.id(), order.sku())), Optional.empty());
    }

    @Function
    @Output("word")
    Stream<String> words(@Input("text") String text) {
      return Stream.of(text.split(" ", -1));
    }

    @Function
    @Output("quote")
    CompletionStage<Priced> quote(@Input("order") Order order) {
      return catalogue
          .priceLater(order.sku())
          .thenApply(total -> new Priced(order.id(), order.sku(), total));
    }

    @Function
    @Output("offer")
    Uni<List<Priced>> offers(@Input("order") Order order) {
      return catalogue.offers(order.sku());
    }

    @Function
    @Output(
        value = "page",
        type = "com.example.page",
        contentType = "text/html",
        attributes = {"tenant=acme", "subject=prices"})
    String page(@Input("priced") Priced priced) {
      return "<b>" + priced.total() + "</b>";
    }

    @Function
    @Output("checked")
    Order check(@Input("order") @Valid Order order) {
      return order;
    }

    @Function
    @Output("kept")
    URI keep(@Input("photo") byte[] photo, FunctionContext context) throws IOException {
      context.logger().log(Level.INFO, "{0} bytes, try {1}", photo.length, context.attempt());
      return context.objects().write("photos", context.invocation(), photo);
    }
  }

  @ContentTypes("application/properties")
  static class Properties implements DataFormat {
    private final ObjectMapper mapper = new ObjectMapper();

    @Override
    public Object read(Payload payload, JavaType type) throws IOException {
      java.util.Properties properties = new java.util.Properties();
      properties.load(new ByteArrayInputStream(payload.data()));
      return mapper.convertValue(properties, type);
    }

    @Override
    public byte[] write(Object value, String contentType) {
      StringBuilder lines = new StringBuilder();
      Map<?, ?> values = mapper.convertValue(value, Map.class);
      values.forEach((name, each) -> lines.append(name).append('=').append(each).append('\n'));
      return lines.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }
}
