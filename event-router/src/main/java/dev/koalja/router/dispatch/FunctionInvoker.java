package dev.koalja.router.dispatch;

import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.router.dispatch.FunctionProtocol.Answer;
import dev.koalja.router.dispatch.FunctionProtocol.ResultLimits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls a function over HTTP and says how it ended: the table of PROTOCOL.md section 2. Meant for
 * virtual threads, which it blocks until the answer is there. Thread-safe.
 */
public final class FunctionInvoker implements FunctionCaller, AutoCloseable {
  private static final int MAX_CONNECTIONS_PER_INSTANCE = 1024;

  private final HttpClient client;
  private final ResultLimits limits;
  private final BundleSender bundles;

  public FunctionInvoker(Vertx vertx, ResultLimits limits) {
    this.limits = limits;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(true)
                .setKeepAliveTimeout(20)
                .setConnectTimeout(5000)
                .setTcpNoDelay(true)
                .setMaxHeaderSize(64 * 1024)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS_PER_INSTANCE));
    this.bundles = new BundleSender(vertx, client, limits.bytes());
  }

  @Override
  public InvocationOutcome call(Attempt attempt) throws InterruptedException {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    send(attempt, answer);
    try {
      return FunctionProtocol.outcome(
          answer.get(attempt.timeout().toNanos(), TimeUnit.NANOSECONDS), limits);
    } catch (TimeoutException _) {
      answer.cancel(false); // resets the request, see send
      return retryable(
          ErrorCode.FUNCTION_TIMEOUT, "no answer within " + attempt.timeout().toMillis() + " ms");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof AnswerTooLargeException) {
        return new InvocationOutcome.Terminal(
            ErrorCode.RESULT_TOO_LARGE,
            "the answer is larger than " + limits.bytes() + " bytes",
            Optional.empty(),
            Optional.empty());
      }
      String reason =
          cause == null || cause.getMessage() == null
              ? "no reason given"
              : String.valueOf(cause.getMessage());
      return retryable(ErrorCode.FUNCTION_CRASHED, "connection lost: " + reason);
    }
  }

  private static InvocationOutcome.Retryable retryable(ErrorCode code, String cause) {
    return new InvocationOutcome.Retryable(
        code, cause, Optional.empty(), Optional.empty(), Optional.empty());
  }

  static final class AnswerTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private void send(Attempt attempt, CompletableFuture<Answer> answer) {
    Map<String, String> headers = FunctionProtocol.headers(attempt);
    byte[] body =
        attempt.event().getData() == null ? new byte[0] : attempt.event().getData().toBytes();
    Runnable alone = () -> send(attempt.endpoint(), headers, body, answer);
    if (!attempt.bundled() || !bundles.take(attempt.endpoint(), headers, body, answer, alone)) {
      alone.run();
    }
  }

  private void send(
      URI endpoint, Map<String, String> headers, byte[] body, CompletableFuture<Answer> answer) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(endpoint.getHost())
            .setPort(endpoint.getPort() < 0 ? 80 : endpoint.getPort())
            .setURI(endpoint.getRawPath());
    headers.forEach(options::addHeader);
    client
        .request(options)
        .onFailure(answer::completeExceptionally)
        .onSuccess(
            request -> {
              answer.whenComplete(
                  (_, _) -> {
                    if (answer.isCancelled()) {
                      request.reset();
                    }
                  });
              if (answer.isCancelled()) {
                request.reset();
                return;
              }
              request
                  .send(Buffer.buffer(body))
                  .onFailure(answer::completeExceptionally)
                  .onSuccess(response -> receive(endpoint, request, response, answer));
            });
  }

  private void receive(
      URI endpoint,
      HttpClientRequest request,
      HttpClientResponse response,
      CompletableFuture<Answer> answer) {
    if (Bundle.VERSION.equals(response.headers().get(Bundle.HEADER))) {
      bundles.learned(endpoint);
    }
    collect(request, response, limits.bytes(), answer);
  }

  /** Reads an answer whole, up to so many bytes. */
  static void collect(
      HttpClientRequest request,
      HttpClientResponse response,
      int limit,
      CompletableFuture<Answer> answer) {
    Buffer body = Buffer.buffer();
    response.exceptionHandler(answer::completeExceptionally);
    response.handler(
        part -> {
          if (body.length() + part.length() > limit) {
            answer.completeExceptionally(new AnswerTooLargeException());
            request.reset();
          } else {
            body.appendBuffer(part);
          }
        });
    response.endHandler(_ -> answer.complete(answer(response, body)));
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    Map<String, String> headers = new HashMap<>();
    response.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    return new Answer(response.statusCode(), headers, body.getBytes());
  }

  @Override
  public void close() {
    client.close();
  }
}
