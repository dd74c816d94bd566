package dev.koalja.runtime.result;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.koalja.function.KeyedState;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.function.codec.Values;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.runtime.invoke.InvocationOutcome;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.receive.MediaType;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.HostedFunction;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes events of what a function returned: same invocation, same ids. Safe for many threads. */
public final class ResultEncoder {
  private static final String STATE_TYPE = "dev.koalja.state";
  private static final String FAILURE_TYPE = "dev.koalja.failure";

  private final String app;
  private final PayloadCodec codec;
  private final InstantSource clock;
  private final int maxResults;
  private final long maxBytes;

  /**
   * An encoder.
   *
   * @param app part of the source of every event
   * @param maxResults events of one invocation at most
   * @param maxBytes data of one invocation at most
   */
  public ResultEncoder(
      String app, PayloadCodec codec, InstantSource clock, int maxResults, long maxBytes) {
    this.app = app;
    this.codec = codec;
    this.clock = clock;
    this.maxResults = maxResults;
    this.maxBytes = maxBytes;
  }

  /**
   * The events, in a list that may be added to.
   *
   * @param returned what the function returned
   * @param state what it remembers; a change is one more event
   * @throws KoaljaException {@code too-many-results}, {@code result-too-large} or {@code bad-reply}
   */
  public List<CloudEvent> encode(
      HostedFunction function,
      FunctionRequest request,
      @Nullable Object returned,
      KeyedState<?> state) {
    Call call = new Call(function, request);
    FunctionDescriptor descriptor = function.descriptor();
    List<Stream<Object>> outputs = new ArrayList<>(1);
    try {
      String shared = null;
      if (!descriptor.several()) {
        outputs.add(Values.of(returned));
      } else if (returned != null) {
        for (int output = 0; output < descriptor.outputs().size(); output++) {
          outputs.add(Values.of(function.invoker().output(returned, output)));
        }
        shared = function.invoker().sharedKey(returned);
      }
      for (int output = 0; output < outputs.size(); output++) {
        call.add(output, outputs.get(output), shared);
      }
    } finally {
      // also of the outputs that were not reached
      outputs.forEach(Stream::close);
    }
    if (state.isChanged()) {
      call.events.add(call.state(state));
    }
    return call.events;
  }

  /**
   * The result that says that one event of a batch failed.
   *
   * @param number which result of the invocation it is, from 0
   * @param index which event of the batch failed, from 0
   */
  public CloudEvent failure(
      HostedFunction function,
      FunctionRequest request,
      int number,
      int index,
      InvocationOutcome.Failed failed)
      throws IOException {
    return CloudEventBuilder.v1()
        .withId(request.invocation().result(number))
        .withSource(source(function))
        .withType(FAILURE_TYPE)
        .withTime(clock.instant().atOffset(ZoneOffset.UTC))
        .withExtension(KoaljaExtensions.INDEX, index)
        .withData(
            ProblemDetail.MEDIA_TYPE,
            Problems.write(failed.code(), failed.status(), failed.detail()))
        .build();
  }

  private URI source(HostedFunction function) {
    return URI.create("/apps/" + app + "/" + function.task());
  }

  private final class Call {
    private final HostedFunction function;
    private final FunctionRequest request;
    private final URI source;
    private final List<CloudEvent> events = new ArrayList<>(1);
    private long bytes;

    Call(HostedFunction function, FunctionRequest request) {
      this.function = function;
      this.request = request;
      this.source = source(function);
    }

    void add(int output, Stream<Object> values, @Nullable String sharedKey) {
      // pushed, not pulled, as pulling would buffer what a step makes; one by one, in this thread
      values.sequential().forEachOrdered(value -> addOne(output, value, sharedKey));
    }

    /** Throws at the limit, which ends an endless stream too. */
    private void addOne(int output, Object value, @Nullable String sharedKey) {
      if (events.size() == maxResults) {
        throw new KoaljaException(
            ErrorCode.TOO_MANY_RESULTS,
            "%s made more than %d results in one call: make fewer, or raise koalja.max-results"
                .formatted(function.task(), maxResults));
      }
      events.add(event(output, value, sharedKey));
    }

    private CloudEvent event(int output, Object value, @Nullable String sharedKey) {
      FunctionDescriptor descriptor = function.descriptor();
      CloudEventBuilder event;
      if (value instanceof CloudEvent whole) {
        CloudEventData data = whole.getData();
        count(data == null ? 0 : data.toBytes().length);
        event = CloudEventBuilder.v1(whole).withoutExtension(KoaljaExtensions.OUTPUT);
        String contentType = whole.getDataContentType();
        if (contentType != null && !MediaType.writable(contentType)) {
          throw new KoaljaException(
              ErrorCode.BAD_REPLY,
              "%s returned an event whose datacontenttype is no media type"
                  .formatted(function.task()));
        }
      } else {
        Payload payload = write(value);
        count(payload.data().length);
        event =
            CloudEventBuilder.v1()
                .withType(descriptor.outputs().get(output).type())
                .withDataContentType(payload.contentType().orElse(Payload.BYTES))
                .withTime(clock.instant().atOffset(ZoneOffset.UTC))
                .withData(payload.data());
      }
      event.withId(request.invocation().result(events.size())).withSource(source);
      key(event, output, value, sharedKey);
      if (descriptor.outputs().size() > 1) {
        event.withExtension(KoaljaExtensions.OUTPUT, descriptor.outputs().get(output).name());
      }
      return event.build();
    }

    /** No key: whoever keeps it knows of which key it is. */
    private CloudEvent state(KeyedState<?> state) {
      CloudEventBuilder event =
          CloudEventBuilder.v1()
              .withId(request.invocation().result(events.size()))
              .withSource(source)
              .withType(STATE_TYPE)
              .withTime(clock.instant().atOffset(ZoneOffset.UTC))
              .withExtension(KoaljaExtensions.OUTPUT, Reader.STATE.value());
      if (state.get().isPresent()) {
        Object value = state.get().get();
        // text would be written as text, and empty text as nothing
        Payload payload = write(value instanceof String text ? TextNode.valueOf(text) : value);
        count(payload.data().length);
        event.withData(Payload.JSON, payload.data());
      }
      return event.build();
    }

    private void key(
        CloudEventBuilder event, int output, Object value, @Nullable String sharedKey) {
      if (value instanceof CloudEvent whole
          && whole.getExtension(KoaljaExtensions.PARTITION_KEY) != null) {
        return;
      }
      String key = function.invoker().key(value, output);
      if (key == null) {
        key = sharedKey;
      }
      if (key == null) {
        key = request.key().orElse(null);
      }
      if (key != null && !key.isEmpty()) {
        event.withExtension(KoaljaExtensions.PARTITION_KEY, key);
      }
    }

    private Payload write(Object value) {
      try {
        return codec.write(value);
      } catch (IllegalArgumentException e) {
        throw new KoaljaException(ErrorCode.BAD_REPLY, String.valueOf(e.getMessage()), e);
      }
    }

    private void count(int size) {
      bytes += size;
      if (bytes > maxBytes) {
        throw new KoaljaException(
            ErrorCode.RESULT_TOO_LARGE,
            "%s made results of more than %d bytes in one call: keep large data in an object store, or raise koalja.max-result-bytes"
                .formatted(function.task(), maxBytes));
      }
    }
  }
}
