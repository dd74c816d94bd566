package dev.koalja.benchmarks;

import java.lang.management.ManagementFactory;

/**
 * Where it was measured: absolute figures mean nothing without it, and little with it.
 *
 * @param processors how many the JVM sees
 * @param java version and vendor of the JDK all JVMs ran on
 * @param system operating system and architecture
 * @param loadBefore processes that wanted a processor in the minute before; negative: unknown
 * @param loadAfter the same at the end, this measurement included
 */
public record Machine(
    int processors, String java, String system, double loadBefore, double loadAfter) {

  /** This machine, at the beginning of a measurement. */
  public static Machine now() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        Runtime.version() + " " + System.getProperty("java.vendor"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        load(),
        load());
  }

  /** The same, at the end. */
  public Machine after() {
    return new Machine(processors, java, system, loadBefore, load());
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
