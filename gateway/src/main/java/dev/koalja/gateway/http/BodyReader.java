package dev.koalja.gateway.http;

import dev.koalja.pipeline.error.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one body on its event loop. Refuses as soon as it is known to be too large, before it is
 * held.
 */
final class BodyReader {
  private final HttpServerRequest request;
  private final long limit;
  private final InFlightBytes inFlight;
  private final AtomicBoolean released = new AtomicBoolean();
  private Buffer buffer = Buffer.buffer();
  private long held;
  private boolean refused;
  private boolean handedOver;
  private long discarded;

  BodyReader(HttpServerRequest request, long limit, InFlightBytes inFlight) {
    this.request = request;
    this.limit = limit;
    this.inFlight = inFlight;
  }

  /** A body and what it holds of the shared memory. */
  record Body(byte[] bytes, Runnable release) {}

  /**
   * Reads the body.
   *
   * @param vertx whose timer ends it
   * @param within how long that may take; a peer that is slower is cut off
   */
  void read(Vertx vertx, Duration within, Consumer<Body> whole, Consumer<Answer.Whole> refusal) {
    listen(vertx, within, whole, refusal);
    long announced = announced();
    if (announced > limit) {
      refuse(refusal, tooLarge(announced + " bytes"));
    } else if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
  }

  /** Takes no body, because of what is known already. */
  void refuse(Vertx vertx, Duration within, Consumer<Answer.Whole> refusal, Answer.Whole answer) {
    listen(vertx, within, _ -> {}, refusal);
    refuse(refusal, answer);
  }

  private void listen(
      Vertx vertx, Duration within, Consumer<Body> whole, Consumer<Answer.Whole> refusal) {
    long timer =
        vertx.setTimer(
            within.toMillis(),
            _ -> {
              letGo();
              request.connection().close();
            });
    request.exceptionHandler(
        _ -> { // the peer is gone: there is nobody to answer
          vertx.cancelTimer(timer);
          letGo();
        });
    request.handler(
        chunk -> {
          if (refused) {
            discard(chunk);
          } else if (held + chunk.length() > limit) {
            refuse(refusal, tooLarge("more than that"));
          } else if (!inFlight.reserve(chunk.length())) {
            refuse(refusal, overloaded());
          } else {
            held += chunk.length();
            buffer.appendBuffer(chunk);
          }
        });
    request.endHandler(
        _ -> {
          vertx.cancelTimer(timer);
          if (refused) {
            request.connection().close();
          } else {
            byte[] bytes = buffer.getBytes();
            buffer = Buffer.buffer();
            handedOver = true;
            whole.accept(new Body(bytes, this::release));
          }
        });
  }

  /** Takes a body that somebody else has read. */
  void take(@Nullable Buffer body, Consumer<Body> whole, Consumer<Answer.Whole> refusal) {
    if (body == null) {
      whole.accept(new Body(new byte[0], () -> {}));
    } else if (body.length() > limit) {
      refusal.accept(tooLarge(body.length() + " bytes"));
    } else {
      whole.accept(new Body(body.getBytes(), () -> {}));
    }
  }

  private void refuse(Consumer<Answer.Whole> refusal, Answer.Whole answer) {
    letGo();
    refusal.accept(answer.with("Connection", "close"));
  }

  /**
   * Reads on for a while after a refusal: a peer that is still sending when the connection is cut
   * would lose the answer.
   */
  private void discard(Buffer chunk) {
    discarded += chunk.length();
    if (discarded > 4 * limit) {
      request.connection().close();
    }
  }

  /** Holds nothing any more, and takes nothing more; a body handed over is no longer ours. */
  private void letGo() {
    refused = true;
    buffer = Buffer.buffer();
    if (!handedOver) {
      release();
    }
  }

  private void release() {
    if (released.compareAndSet(false, true)) {
      inFlight.release(held);
    }
  }

  private long announced() {
    try {
      String length = request.getHeader("Content-Length");
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException _) {
      return 0; // the HTTP decoder has refused it already
    }
  }

  private Answer.Whole tooLarge(String size) {
    return Answer.problem(
        ErrorCode.TOO_LARGE, "the body has %s, at most %d bytes are taken".formatted(size, limit));
  }

  private static Answer.Whole overloaded() {
    return Answer.problem(
            ErrorCode.OVERLOADED, "the bodies of other requests fill the memory set aside for them")
        .with("Retry-After", "1");
  }
}
