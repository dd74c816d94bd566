package dev.koalja.router.link;

import dev.koalja.knative.serving.Serving;
import dev.koalja.router.dispatch.FunctionInvoker;
import dev.koalja.router.reply.ResultAppender;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the readers of a router share, in the order an event meets it.
 *
 * @param settings how they are set up
 * @param serving where functions run
 * @param invoker calls them
 * @param appender decides what an invocation leaves behind
 * @param timer brings events back for another attempt
 * @param metrics counts
 * @param clock the time
 */
public record ReaderStages(
    ReaderSettings settings,
    Serving serving,
    FunctionInvoker invoker,
    ResultAppender appender,
    ScheduledExecutorService timer,
    ReaderMetrics metrics,
    InstantSource clock) {}
