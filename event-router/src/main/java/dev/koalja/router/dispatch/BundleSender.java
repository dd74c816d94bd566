package dev.koalja.router.dispatch;

import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.BundleReader;
import dev.koalja.pipeline.bundle.MalformedBundleException;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.router.dispatch.FunctionInvoker.AnswerTooLargeException;
import dev.koalja.router.dispatch.FunctionProtocol.Answer;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /** How long after the last answer of a bundle its end may come. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private static final int MAX_HEADERS = 64 * 1024;

  /** The header of the code revision, as names of headers are kept. */
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  private static final Set<Integer> NOT_UNDERSTOOD = Set.of(400, 404, 405, 413, 415, 501);

  private final Vertx vertx;
  private final HttpClient client;
  private final int maxAnswer;
  private final Map<URI, Line> lines = new ConcurrentHashMap<>();

  /**
   * One request and who waits for its answer.
   *
   * @param message the request, encoded
   * @param alone sends it in a request of its own, when no bundle is taken after all
   */
  private record Call(byte[] message, CompletableFuture<Answer> answer, Runnable alone) {}

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
   * @param alone sends it in a request of its own, when no bundle is taken after all
   * @return false when it has to go alone at once
   */
  boolean take(
      URI endpoint,
      Map<String, String> headers,
      byte[] body,
      CompletableFuture<Answer> answer,
      Runnable alone) {
    Line line = lines.get(endpoint);
    if (line == null || body.length > MAX_BODY) {
      return false;
    }
    byte[] message;
    try {
      message = new Message(0, 0, headers, body).encode();
    } catch (IllegalArgumentException _) {
      return false; // longer names than a bundle can hold
    }
    line.add(new Call(message, answer, alone));
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
            && (calls.isEmpty() || bytes + waiting.element().message().length <= MAX_BYTES)) {
          Call call = waiting.remove();
          if (!call.answer().isDone()) {
            calls.add(call);
            bytes += call.message().length;
          }
        }
        scheduled = !calls.isEmpty();
      }
      return calls;
    }
  }

  /**
   * A bundle under way. Lives on the context of its line; holds of each call no more than it needs,
   * as the slowest may take long.
   */
  private final class Sent implements BundleReader.Sink {
    private final Line line;
    private final AtomicReferenceArray<@Nullable Call> calls;
    private final AtomicInteger open;
    private final int bytes;
    private boolean fresh = true;
    private @Nullable HttpClientRequest request;
    private @Nullable String codeRevision;

    Sent(Line line, List<Call> calls) {
      this.line = line;
      this.calls = new AtomicReferenceArray<>(calls.toArray(Call[]::new));
      this.open = new AtomicInteger(calls.size());
      this.bytes = calls.stream().mapToInt(call -> call.message().length).sum();
    }

    void send() {
      vertx.setTimer(FRESHNESS.toMillis(), _ -> stale());
      try {
        Buffer body = Buffer.buffer(bytes); // grown by doubling it would be copied several times
        for (int i = 0; i < calls.length(); i++) {
          Call call = calls.get(i);
          if (call != null) {
            Message.number(call.message(), i);
            body.appendBytes(call.message());
            int index = i;
            call.answer().whenComplete((_, _) -> answered(index));
          }
        }
        URI endpoint = line.endpoint;
        client
            .request(
                new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setHost(endpoint.getHost())
                    .setPort(endpoint.getPort() < 0 ? 80 : endpoint.getPort())
                    .setURI(endpoint.getRawPath())
                    .addHeader("content-type", Bundle.MEDIA_TYPE))
            .onFailure(this::lost)
            .onSuccess(begun -> send(begun, body));
      } catch (RuntimeException e) {
        lost(e); // the client is closed
      }
    }

    private void send(HttpClientRequest begun, Buffer body) {
      if (open.get() == 0) {
        begun.reset(); // all gave up meanwhile; the function is not to run for nobody
        return;
      }
      request = begun;
      begun.send(body).onFailure(this::lost).onSuccess(response -> receive(begun, response));
    }

    /** One has its answer or gave up. When nobody waits any more, the function need not go on. */
    private void answered(int index) {
      calls.set(index, null);
      if (open.decrementAndGet() == 0) {
        line.context.runOnContext(_ -> vertx.setTimer(LAST_WORDS.toMillis(), _ -> end()));
      }
    }

    private void end() {
      HttpClientRequest begun = request;
      if (begun != null) {
        begun.reset();
      }
      stale();
    }

    private void stale() {
      if (fresh) {
        fresh = false;
        line.fresh--;
        line.flush();
      }
    }

    private void receive(HttpClientRequest begun, HttpClientResponse response) {
      String type = response.headers().get("content-type");
      if (response.statusCode() != 200 || !Bundle.MEDIA_TYPE.equals(type)) {
        CompletableFuture<Answer> whole = new CompletableFuture<>();
        FunctionInvoker.collect(begun, response, maxAnswer, whole);
        whole.whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                refused(answer);
              } else {
                lost(failure);
              }
            });
        return;
      }
      codeRevision = response.headers().get(KoaljaExtensions.CODE_REVISION_HEADER);
      BundleReader reader = new BundleReader(maxAnswer + MAX_HEADERS, this);
      response.exceptionHandler(this::lost);
      response.handler(
          part -> {
            byte[] bytes = part.getBytes();
            try {
              reader.read(bytes, 0, bytes.length);
            } catch (MalformedBundleException e) {
              lost(e);
              begun.reset();
            }
          });
      response.endHandler(
          _ -> {
            request = null; // it is over
            lost(new IOException("the answer ended before this one came"));
          });
    }

    @Override
    public void message(Message message) {
      if (message.body().length > maxAnswer) {
        tooLarge(message.index(), message.body().length);
        return;
      }
      if (codeRevision != null) {
        message.headers().put(FunctionProtocol.REVISION, codeRevision);
      }
      Call call = message.index() < calls.length() ? calls.get(message.index()) : null;
      if (call != null) {
        call.answer().complete(new Answer(message.status(), message.headers(), message.body()));
      }
    }

    @Override
    public void tooLarge(int index, long size) {
      Call call = index < calls.length() ? calls.get(index) : null;
      if (call != null) {
        call.answer().completeExceptionally(new AnswerTooLargeException());
      }
    }

    /** The bundle as a whole had another answer. */
    private void refused(Answer answer) {
      if (answer.status() < 300 || NOT_UNDERSTOOD.contains(answer.status())) {
        lines.remove(line.endpoint, line); // somebody else listens there now
        each(
            call -> {
              try {
                call.alone().run();
              } catch (RuntimeException e) {
                call.answer().completeExceptionally(e);
              }
            });
      } else {
        each(call -> call.answer().complete(answer));
      }
      request = null;
      stale();
    }

    /** It is over: who has no answer yet gets none. */
    private void lost(Throwable cause) {
      each(call -> call.answer().completeExceptionally(cause));
      stale();
    }

    private void each(Consumer<Call> open) {
      for (int i = 0; i < calls.length(); i++) {
        Call call = calls.get(i);
        if (call != null) {
          open.accept(call);
        }
      }
    }
  }
}
