package dev.koalja.runtime;

import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.runtime.health.ProcessMetrics;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.receive.RequestReader;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.result.ReplyWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers bundles: each request in a thread of its own, each answer as soon as it is there. Safe
 * for many threads.
 */
final class BundleDoor {
  private static final Logger LOG = Logger.getLogger(BundleDoor.class);

  /** Answers that wait for others at most. */
  private static final int MAX_HELD = 256 * 1024;

  private static final int UNKNOWN = 0;

  private final RequestReader reader;
  private final InvocationRunner runner;
  private final ReplyWriter writer;
  private final ProcessMetrics metrics;
  private final Executor threads;

  BundleDoor(
      RequestReader reader,
      InvocationRunner runner,
      ReplyWriter writer,
      ProcessMetrics metrics,
      Executor threads) {
    this.reader = reader;
    this.runner = runner;
    this.writer = writer;
    this.metrics = metrics;
    this.threads = threads;
  }

  /**
   * Answers; returns when every request of the bundle has ended, also when nobody waits any more.
   *
   * @throws KoaljaException when it is no bundle; nothing was run then
   * @throws IOException when the connection was lost
   */
  void answer(HttpExchange exchange, HostedFunction function) throws IOException {
    List<Message> requests = reader.bundle(exchange);
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    for (Message request : requests) {
      threads.execute(() -> answers.add(answer(request, function)));
    }
    Reply reply = new Reply(exchange);
    for (int i = 0; i < requests.size(); i++) {
      byte[] answer = answers.poll();
      if (answer == null) {
        Thread.yield(); // whoever can answer at once does
        answer = answers.poll();
      }
      if (answer == null) {
        reply.flush(); // who waits for what is there should not wait for the next
        answer = take(answers);
      }
      reply.write(answer);
    }
    reply.end();
  }

  /**
   * The answer to the whole. What comes while somebody else can answer at once is held: mostly that
   * is all, which then goes in one piece with its length, and is read in one. That its reader went
   * away is told at the end only: the requests run on and count as in flight until they have ended.
   */
  private final class Reply {
    private final HttpExchange exchange;
    private final List<byte[]> held = new ArrayList<>();
    private int heldBytes;
    private @Nullable OutputStream out;
    private @Nullable IOException lost;

    Reply(HttpExchange exchange) {
      this.exchange = exchange;
    }

    void write(byte[] message) {
      if (lost != null) {
        return;
      }
      held.add(message);
      heldBytes += message.length;
      if (heldBytes > MAX_HELD) {
        flush();
      }
    }

    void flush() {
      try {
        if (heldBytes > 0) {
          OutputStream begun = out == null ? writer.bundle(exchange, UNKNOWN) : out;
          out = begun;
          begun.write(takeHeld());
          begun.flush();
        }
      } catch (IOException e) {
        lost = e;
        held.clear();
      }
    }

    void end() throws IOException {
      if (lost != null) {
        throw lost;
      }
      try (OutputStream last =
          out == null ? writer.bundle(exchange, heldBytes == 0 ? UNKNOWN : heldBytes) : out) {
        last.write(takeHeld());
      }
    }

    private byte[] takeHeld() {
      ByteBuffer bytes = ByteBuffer.allocate(heldBytes);
      held.forEach(bytes::put);
      held.clear();
      heldBytes = 0;
      return bytes.array();
    }
  }

  private static byte[] take(BlockingQueue<byte[]> answers) throws IOException {
    try {
      return answers.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped while a bundle was answered", e);
    }
  }

  /** Never throws, whatever happens: who takes the answers counts them. */
  private byte[] answer(Message request, HostedFunction function) {
    try {
      ReplyWriter.Answer answer;
      try {
        answer = writer.answer(runner.run(function, reader.read(request, function)));
      } catch (KoaljaException e) {
        answer = refuse(e.code(), String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        LOG.error("a request of a bundle could not be handled, which is a bug of the runtime", e);
        answer = refuse(ErrorCode.INTERNAL, "the runtime failed, its log says why");
      }
      return new Message(request.index(), answer.status(), answer.headers(), answer.body())
          .encode();
    } catch (Throwable e) {
      LOG.error("an answer could not be written", e);
      return new Message(request.index(), 500, Map.of(), new byte[0]).encode();
    }
  }

  private ReplyWriter.Answer refuse(ErrorCode code, String detail) throws IOException {
    metrics.refused(code);
    return writer.problem(code, code.httpStatus(), detail);
  }
}
