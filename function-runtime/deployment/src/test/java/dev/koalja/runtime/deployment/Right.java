package dev.koalja.runtime.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.Bucket;
import dev.koalja.function.Correlate;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.Scale;
import dev.koalja.function.TerminalException;
import dev.koalja.function.Webhook;
import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.TriggerKind.Change;
import dev.koalja.pipeline.TriggerKind.Scheme;
import io.cloudevents.CloudEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program that uses everything. */
final class Right {
  private Right() {}

  record Purchase(@Key String id, int amount) {}

  record Line(@Key long number, String sku) {}

  record Sorted(
      @Key String shard,
      @Output("line") List<Line> lines,
      @Output(value = "total", type = "com.example.total") int totalAmount,
      @Output("note") Optional<String> note) {}

  @Webhook(link = "push", scheme = Scheme.GITHUB, secret = "github-secret")
  @Webhook(link = "raw", scheme = Scheme.NONE, name = "open-door")
  @Bucket(link = "uploaded", url = "s3://my.photos/in/", events = Change.CREATED, token = "t")
  static class Shop {
    @Function(
        order = Order.ORDERED,
        attempts = 2,
        backoff = Backoff.Policy.LINEAR,
        delay = "250ms",
        maxDelay = "2s",
        timeout = "10s",
        maxInFlight = 7,
        scale = @Scale(min = 1, max = 2, concurrency = 3, idle = "30s"))
    Sorted sortOut(@Input(value = "purchase", from = "latest") Purchase boughtGoods) {
      return new Sorted(
          "s" + boughtGoods.amount(),
          List.of(new Line(7, "A")),
          boughtGoods.amount(),
          Optional.empty());
    }

    @Function(name = "copy")
    @Output("purchase-copy")
    Stream<Purchase> duplicate(FunctionContext context, @Input("purchase") Purchase purchase) {
      return Stream.of(purchase, new Purchase(context.task(), 0));
    }

    @Function(isolated = true)
    @Output("pushed")
    CloudEvent push(@Input("push") CloudEvent event) {
      return event;
    }

    @Function
    @Output("count")
    int count(@Input("line") JsonNode line) {
      return line.size();
    }

    @Function
    @Output("doubled")
    long twice(@Input(value = "count", from = "2026-01-01T00:00:00+01:00") int count) {
      return 2L * count;
    }

    @Function
    void drop(@Input("uploaded") byte[] record, FunctionContext context) {}

    @Function
    @Output("names")
    Map<String, Integer> names(@Input("raw") Map<String, List<Integer>> raw) throws Exception {
      throw new Exception("names of " + raw.size());
    }
  }

  /** Functions that take what has come, in batches. */
  static class Batches {
    @Function(batch = 100, linger = "20ms")
    @Output("stored")
    List<String> store(@Input("purchase") List<Purchase> orders, FunctionContext context) {
      context.fail(0, new TerminalException("no"));
      return orders.stream().map(Purchase::id).toList();
    }

    @Function(
        order = Order.UNORDERED,
        batch = 2,
        deadline = "1h",
        maxInFlightBytes = "16MiB",
        rate = "100/s",
        deduplicate = "10m",
        maxHops = 8,
        deadLetter = "failed")
    void log(@Input(value = "purchase", filter = "amount > 3") List<CloudEvent> events) {}

    @Function
    void failed(@Input("failed") CloudEvent event) {}
  }

  /** Functions that put events together, in every way. */
  static class Joins {
    @Function
    @Output("sale")
    String sell(
        @Input("purchase") Purchase bought, FunctionContext context, @Input("line") Line line) {
      return bought.id() + line.sku() + context.events().size();
    }

    @Function(correlate = Correlate.NONE)
    @Output("report")
    int report(@Input(value = "purchase", length = 100, slide = 10) List<Purchase> last) {
      return last.stream().mapToInt(Purchase::amount).sum();
    }

    @Function(
        policy = Snapshot.Policy.SWAP_NEW4OLD,
        correlateBy = "/customer/id",
        giveUpAfter = "1h",
        then = Snapshot.Then.PARTIAL,
        minInterval = "500ms",
        maxWaiting = 50)
    void state(
        @Input(value = "purchase", correlate = "subject", filter = "amount > 3")
            Optional<Purchase> bought,
        @Input("line") @Nullable JsonNode line,
        @Input("count") Optional<Integer> count) {}

    @Function(window = "1h", grace = "5m")
    void hourly(
        @Input(
                value = "text",
                from = "latest",
                merge = {"note", "total"})
            List<String> texts,
        @Input("raw") List<CloudEvent> raw) {}

    @Function(minInterval = "1s")
    @Output("sum")
    long add(@Input("total") long total) {
      return total + 1;
    }

    @Function
    @Output("known")
    int remember(KeyedState<Map<String, Integer>> words, @Input("text") String word) {
      words.set(Map.of(word, 1));
      return words.get().orElseThrow().size();
    }

    @Function
    void some(@Input(value = "uploaded", min = 2, max = 5, correlate = "/key") List<byte[]> some) {}
  }
}
