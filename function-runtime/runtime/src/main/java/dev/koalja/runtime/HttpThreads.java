package dev.koalja.runtime;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A virtual thread for each request, numbered. The JDK's factory does the same, and counts by a
 * handle that the JVM makes anew in each process: 20 ms before the first request is read.
 */
final class HttpThreads implements ThreadFactory {
  private final AtomicLong number = new AtomicLong();

  @Override
  public Thread newThread(Runnable task) {
    // not with +, for the same reason
    String name = "http-".concat(Long.toString(number.getAndIncrement()));
    return Thread.ofVirtual().name(name).unstarted(task);
  }
}
