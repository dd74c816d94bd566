package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningPipelines;
import dev.koalja.cli.show.LinkDescription;
import dev.koalja.pipeline.Pipeline;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkCommandTest {
  /** Came into force before a rule did that would refuse it. */
  private static final String PIPELINES =
      """
      [{"name": "shop", "pipeline": {"apiVersion": "koalja.dev/v1alpha1", "kind": "Pipeline",
        "metadata": {"name": "shop"}, "spec": {"tasks": [
          {"name": "price", "function": {"app": "shop"}, "inputs": [{"name": "in", "link": "order"}],
           "outputs": [{"name": "result", "link": "priced", "schema": "{\\"type\\":\\"string\\"}"}]},
          {"name": "ship", "function": {"app": "ware"},
           "inputs": [{"name": "in", "link": "priced", "schema": "{\\"type\\":\\"integer\\"}"}]}]}}}]
      """;

  private HttpServer server;
  private URI address;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    answer("/api/links", "[{\"pipeline\":\"shop\",\"link\":\"priced\"}]");
    answer("/api/pipelines", PIPELINES);
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
  }

  @Test
  void shouldDescribeWhatIsInForceWhateverTheRules() {
    try (ControlClient client = new ControlClient(address)) {
      Pipeline shop = RunningPipelines.all(client).getFirst();

      assertThat(new LinkDescription(shop, shop.link("priced").orElseThrow()).lines())
          .containsExactly(
              "shop/priced",
              "written by",
              "  price/result (app shop)",
              "    text",
              "read by",
              "  ship/in (app ware)",
              "    integer");
    }
  }

  @Test
  void shouldFindTheLink() {
    String at = address.toString();

    assertThat(Koalja.execute("link", "describe", "priced", "--at", at)).isEqualTo(Exit.OK);
    assertThat(Koalja.execute("link", "describe", "shop/priced", "--json", "--at", at))
        .isEqualTo(Exit.OK);
    assertThat(Koalja.execute("link", "describe", "pricd", "--at", at)).isEqualTo(Exit.USAGE);
  }
}
