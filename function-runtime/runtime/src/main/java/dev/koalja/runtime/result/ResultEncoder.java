package dev.koalja.runtime.result;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.koalja.function.Event;
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
import dev.koalja.runtime.registry.HostedOutput;
import dev.koalja.runtime.registry.OutputDescriptor;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes events of what a function returned: same invocation, same ids. Safe for many threads. */
public final class ResultEncoder {
  /** The type of the results that say that an event of a batch failed. */
  public static final String FAILURE_TYPE = "dev.koalja.failure";

  private static final String STATE_TYPE = "dev.koalja.state";

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
    Call call = new Call(function, request, returned);
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
    private final @Nullable Object returned;
    private final URI source;
    private final List<CloudEvent> events = new ArrayList<>(1);
    private long bytes;

    Call(HostedFunction function, FunctionRequest request, @Nullable Object returned) {
      this.function = function;
      this.request = request;
      this.returned = returned;
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
      OutputDescriptor port = descriptor.outputs().get(output);
      if (port.attributed() && value instanceof Event<?> typed) {
        CloudEventBuilder event =
            ofData(
                output,
                typed.data(),
                typed.contentType().orElse(port.contentType()),
                typed.inherited());
        Attributes.set(event, typed.chosen());
        return identified(event, output, typed.data(), typed.key().orElse(null), sharedKey);
      }
      if (value instanceof CloudEvent whole) {
        Object key = whole.getExtension(KoaljaExtensions.PARTITION_KEY);
        return identified(
            ofEvent(whole), output, value, key == null ? null : key.toString(), sharedKey);
      }
      return identified(
          ofData(output, value, port.contentType(), Map.of()), output, value, null, sharedKey);
    }

    private CloudEventBuilder ofEvent(CloudEvent whole) {
      CloudEventData data = whole.getData();
      count(data == null ? 0 : data.toBytes().length);
      String contentType = whole.getDataContentType();
      if (contentType != null) {
        requireMediaType(contentType);
      }
      return CloudEventBuilder.v1(whole).withoutExtension(KoaljaExtensions.OUTPUT);
    }

    /** Later wins: the schema of its output, what it inherits, what its output and data say. */
    private CloudEventBuilder ofData(
        int output, Object value, String contentType, Map<String, Object> inherited) {
      if (!contentType.isEmpty()) {
        requireMediaType(contentType);
      }
      Payload payload = write(value, contentType);
      count(payload.data().length);
      HostedOutput port = function.outputs().get(output);
      CloudEventBuilder event =
          CloudEventBuilder.v1()
              .withType(port.descriptor().type())
              .withDataContentType(payload.contentType().orElse(Payload.BYTES))
              .withTime(clock.instant().atOffset(ZoneOffset.UTC))
              .withData(payload.data());
      if (port.dataSchema().isPresent() && payload.isJson()) {
        event.withDataSchema(port.dataSchema().get());
      }
      if (!inherited.isEmpty()) {
        Attributes.set(event, inherited);
      }
      if (returned != null) {
        function.invoker().attributes(event, returned, value, output);
      }
      return event;
    }

    private void requireMediaType(String contentType) {
      if (!MediaType.writable(contentType)) {
        throw new KoaljaException(
            ErrorCode.BAD_REPLY,
            "%s returned an event whose datacontenttype is no media type"
                .formatted(function.task()));
      }
    }

    private CloudEvent identified(
        CloudEventBuilder event,
        int output,
        Object value,
        @Nullable String ownKey,
        @Nullable String sharedKey) {
      event.withId(request.invocation().result(events.size())).withSource(source);
      if (ownKey != null) {
        event.withExtension(KoaljaExtensions.PARTITION_KEY, ownKey);
      } else {
        key(event, output, value, sharedKey);
      }
      if (function.descriptor().outputs().size() > 1) {
        String name = function.descriptor().outputs().get(output).name();
        event.withExtension(KoaljaExtensions.OUTPUT, name);
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
        Payload payload = write(value instanceof String text ? TextNode.valueOf(text) : value, "");
        count(payload.data().length);
        event.withData(Payload.JSON, payload.data());
      }
      return event.build();
    }

    private void key(
        CloudEventBuilder event, int output, Object value, @Nullable String sharedKey) {
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

    private Payload write(Object value, String contentType) {
      // no more of a stream than may be sent, however long it is
      Object data = value instanceof InputStream stream ? bytes(stream) : value;
      try {
        return contentType.isEmpty() ? codec.write(data) : codec.write(data, contentType);
      } catch (IllegalArgumentException e) {
        throw new KoaljaException(ErrorCode.BAD_REPLY, String.valueOf(e.getMessage()), e);
      }
    }

    private byte[] bytes(InputStream stream) {
      try (stream) {
        return stream.readNBytes((int) Math.min(maxBytes - bytes + 1, Integer.MAX_VALUE - 8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
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
