package dev.koalja.gateway.http;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.Problem;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jboss.logging.Logger;

/** The sending half of one HTTP exchange: writes whatever an endpoint answers. */
final class Exchange {
  private static final Logger LOG = Logger.getLogger(Exchange.class);

  private final RoutingContext routing;
  private final RequestThreads threads;
  private final HttpServerResponse response;
  private final Context context;
  private Runnable onEnd = () -> {};
  private volatile boolean open = true;

  Exchange(RoutingContext routing, RequestThreads threads) {
    this.routing = routing;
    this.threads = threads;
    this.response = routing.response();
    this.context = routing.vertx().getOrCreateContext();
    response.closeHandler(_ -> open = false);
  }

  /** What to do once when the answer is out or the peer has gone. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /** Runs the endpoint and sends its answer. Blocks: for virtual threads. */
  void answer(Endpoint endpoint, Request request) {
    try {
      switch (run(endpoint, request)) {
        case Answer.Whole whole -> context.runOnContext(_ -> send(whole));
        case Answer.Lines lines -> stream(lines);
      }
    } catch (Error e) {
      // perhaps there is no memory for an answer: the peer must not wait for one
      context.runOnContext(_ -> routing.request().connection().close());
      throw e;
    } finally {
      onEnd.run();
    }
  }

  private Answer run(Endpoint endpoint, Request request) {
    try {
      return endpoint.answer(request);
    } catch (InvalidPipelineException e) {
      return Answer.problem(
          e.code(),
          e.problems().size() == 1 ? "1 problem" : e.problems().size() + " problems",
          e.problems().stream().map(Problem::toString).toList());
    } catch (KoaljaException e) {
      Answer.Whole problem = Answer.problem(e.code(), String.valueOf(e.getMessage()));
      return e.code().retryable() ? problem.with("Retry-After", "1") : problem;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return stopping();
    } catch (Exception e) {
      return defect(request.method(), request.path(), e);
    }
  }

  /** What a request gets that comes too late. */
  static Answer.Whole stopping() {
    return Answer.problem(ErrorCode.STOPPING, "the gateway is stopping").with("Retry-After", "1");
  }

  /** What a request gets that met a defect of ours, which is logged. */
  static Answer.Whole defect(String method, String path, Exception defect) {
    LOG.errorf(defect, "%s %s failed", method, path);
    return Answer.problem(ErrorCode.INTERNAL, "a defect of the gateway; its log has the details");
  }

  /** Sends an answer that is known whole. On the exchange's event loop. */
  void send(Answer.Whole answer) {
    if (!open || response.ended()) {
      return;
    }
    response.setStatusCode(answer.status());
    if (!answer.mediaType().isEmpty()) {
      response.putHeader("Content-Type", answer.mediaType());
    }
    answer.headers().forEach(response::putHeader);
    response.end(Buffer.buffer(answer.body()));
  }

  private void stream(Answer.Lines answer) {
    context.runOnContext(
        _ -> {
          response.setChunked(true);
          response.putHeader("Content-Type", answer.mediaType());
          response.write(Buffer.buffer()); // the peer learns that it is heard before the first line
        });
    try {
      answer
          .lines()
          .writeTo(
              new Answer.LineSink() {
                @Override
                public void line(String line) throws IOException {
                  write(line + "\n");
                }

                @Override
                public boolean open() {
                  return open && threads.open();
                }
              });
      context.runOnContext(
          _ -> {
            if (open) {
              response.end();
            }
          });
    } catch (IOException _) {
      LOG.debug("the peer left before the end");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      context.runOnContext(_ -> routing.request().connection().close());
    } catch (KoaljaException e) {
      LOG.warnf("%s broke off: %s", routing.normalizedPath(), e.getMessage());
      context.runOnContext(_ -> routing.request().connection().close());
    } catch (Exception e) {
      // the status is out already: cutting the connection is the only way left to say it failed
      LOG.errorf(e, "%s %s broke off", routing.request().method(), routing.normalizedPath());
      context.runOnContext(_ -> routing.request().connection().close());
    }
  }

  private void write(String text) throws IOException {
    if (!open) {
      throw new IOException("the peer has gone");
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    context.runOnContext(
        _ ->
            response
                .write(Buffer.buffer(text))
                .onSuccess(_ -> written.complete(null))
                .onFailure(written::completeExceptionally));
    try {
      written.get();
    } catch (ExecutionException e) {
      throw new IOException("the peer has gone", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopping", e);
    }
  }
}
