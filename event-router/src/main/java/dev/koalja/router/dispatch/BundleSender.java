package dev.koalja.router.dispatch;

import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.BundleReader;
import dev.koalja.pipeline.bundle.MalformedBundleException;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.router.dispatch.FunctionInvoker.Answer;
import dev.koalja.router.dispatch.FunctionInvoker.AnswerTooLargeException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends the requests that wait for one endpoint together, where the endpoint has said that it takes
 * bundles. Nothing waits for company: what is there when a bundle may go goes with it, and while
 * two are fresh under way what comes gathers. A bundle is fresh until it is answered, a few
 * milliseconds at most, so that a slow function delays nobody. Thread-safe.
 */
final class BundleSender {
  private static final int MAX_MESSAGES = 256;
  private static final int MAX_BYTES = 1024 * 1024;

  /** Larger ones go alone: carried together they would only wait for each other. */
  private static final int MAX_BODY = 64 * 1024;

  private static final int FRESH = 2;
  private static final Duration FRESHNESS = Duration.ofMillis(5);
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);
  private static final Set<Integer> NOT_UNDERSTOOD = Set.of(400, 404, 405, 413, 415, 501);

  private final Vertx vertx;
  private final HttpClient client;
  private final int maxAnswer;
  private final Map<URI, Line> lines = new ConcurrentHashMap<>();

  /**
   * One request and who waits for its answer.
   *
   * @param alone sends it in a request of its own, when no bundle is taken after all
   */
  record Call(
      Map<String, String> headers, byte[] body, CompletableFuture<Answer> answer, Runnable alone) {}

  BundleSender(Vertx vertx, HttpClient client, int maxAnswer) {
    this.vertx = vertx;
    this.client = client;
    this.maxAnswer = maxAnswer;
  }

  /** An endpoint said with an answer that it takes bundles. */
  void learned(URI endpoint) {
    if (!lines.containsKey(endpoint)) {
      long now = System.nanoTime();
      lines.values().removeIf(line -> line.forgotten(now));
      lines.computeIfAbsent(endpoint, Line::new);
    }
  }

  /**
   * Takes a request over.
   *
   * @return false when it has to go alone
   */
  boolean take(URI endpoint, Call call) {
    Line line = lines.get(endpoint);
    if (line == null || call.body().length > MAX_BODY) {
      return false;
    }
    line.add(call);
    return true;
  }

  /** What goes to one endpoint. Its lock guards what waits; the rest is its context's. */
  private final class Line {
    private final URI endpoint;
    private final Context context = vertx.getOrCreateContext();
    private final Deque<Call> waiting = new ArrayDeque<>();
    private boolean scheduled;
    private long usedAt = System.nanoTime();
    private int fresh;

    Line(URI endpoint) {
      this.endpoint = endpoint;
    }

    synchronized boolean forgotten(long now) {
      return waiting.isEmpty() && now - usedAt > FORGOTTEN_AFTER.toNanos();
    }

    void add(Call call) {
      synchronized (this) {
        waiting.add(call);
        usedAt = System.nanoTime();
        if (scheduled) {
          return;
        }
        scheduled = true;
      }
      context.runOnContext(_ -> flush());
    }

    private void flush() {
      while (fresh < FRESH) {
        List<Call> calls = next();
        if (calls.isEmpty()) {
          return;
        }
        fresh++;
        new Sent(this, calls).send();
      }
      synchronized (this) {
        scheduled = true; // whichever grows stale or is answered flushes
      }
    }

    private List<Call> next() {
      List<Call> calls = new ArrayList<>();
      long bytes = 0;
      synchronized (this) {
        while (!waiting.isEmpty()
            && calls.size() < MAX_MESSAGES
            && bytes + waiting.element().body().length <= MAX_BYTES) {
          Call call = waiting.remove();
          if (!call.answer().isDone()) {
            calls.add(call);
            bytes += call.body().length;
          }
        }
        scheduled = !calls.isEmpty();
      }
      return calls;
    }
  }

  /** A bundle under way. Lives on the context of its line. */
  private final class Sent implements BundleReader.Sink {
    private final Line line;
    private final List<Call> calls;
    private boolean fresh = true;
    private String codeRevision = "";

    Sent(Line line, List<Call> calls) {
      this.line = line;
      this.calls = calls;
    }

    void send() {
      URI endpoint = line.endpoint;
      Buffer body = Buffer.buffer();
      for (int i = 0; i < calls.size(); i++) {
        Call call = calls.get(i);
        body.appendBytes(new Message(i, 0, call.headers(), call.body()).encode());
      }
      vertx.setTimer(FRESHNESS.toMillis(), _ -> stale());
      client
          .request(
              new RequestOptions()
                  .setMethod(HttpMethod.POST)
                  .setHost(endpoint.getHost())
                  .setPort(endpoint.getPort() < 0 ? 80 : endpoint.getPort())
                  .setURI(endpoint.getRawPath())
                  .addHeader("content-type", Bundle.MEDIA_TYPE))
          .onFailure(this::lost)
          .onSuccess(
              request -> {
                for (Call call : calls) {
                  call.answer()
                      .whenComplete(
                          (_, _) -> {
                            if (call.answer().isCancelled()) {
                              abandoned(request);
                            }
                          });
                }
                request
                    .send(body)
                    .onFailure(this::lost)
                    .onSuccess(response -> receive(request, response));
              });
    }

    /** One gave up: when nobody waits any more, the function need not go on. */
    private void abandoned(HttpClientRequest request) {
      if (calls.stream().allMatch(call -> call.answer().isDone())) {
        line.context.runOnContext(_ -> request.reset());
      }
    }

    private void stale() {
      if (fresh) {
        fresh = false;
        line.fresh--;
        line.flush();
      }
    }

    private void receive(HttpClientRequest request, HttpClientResponse response) {
      response.exceptionHandler(this::lost);
      String type = response.headers().get("content-type");
      if (response.statusCode() != 200 || !Bundle.MEDIA_TYPE.equals(type)) {
        response.body().onFailure(this::lost).onSuccess(body -> refused(response, body));
        return;
      }
      codeRevision = String.valueOf(response.headers().get(KoaljaExtensions.CODE_REVISION_HEADER));
      BundleReader reader = new BundleReader(maxAnswer, this);
      response.handler(
          part -> {
            byte[] bytes = part.getBytes();
            try {
              reader.read(bytes, 0, bytes.length);
            } catch (MalformedBundleException e) {
              lost(e);
              request.reset();
            }
          });
      response.endHandler(_ -> lost(new IOException("the answer ended before this one came")));
    }

    @Override
    public void message(Message message) {
      if (message.index() < calls.size()) {
        message
            .headers()
            .put(KoaljaExtensions.CODE_REVISION_HEADER.toLowerCase(Locale.ROOT), codeRevision);
        calls
            .get(message.index())
            .answer()
            .complete(new Answer(message.status(), message.headers(), message.body()));
      }
    }

    @Override
    public void tooLarge(int index, long size) {
      if (index < calls.size()) {
        calls.get(index).answer().completeExceptionally(new AnswerTooLargeException());
      }
    }

    /** The bundle as a whole had another answer. */
    private void refused(HttpClientResponse response, Buffer body) {
      if (response.statusCode() < 300 || NOT_UNDERSTOOD.contains(response.statusCode())) {
        lines.remove(line.endpoint, line); // somebody else listens there now
        stale();
        calls.forEach(call -> call.alone().run());
        return;
      }
      Answer answer = FunctionInvoker.answer(response, body);
      calls.forEach(call -> call.answer().complete(answer));
      stale();
    }

    /** It is over: who has no answer yet gets none. */
    private void lost(Throwable cause) {
      for (Call call : calls) {
        call.answer().completeExceptionally(cause);
      }
      stale();
    }
  }
}
