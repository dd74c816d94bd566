package dev.koalja.soak;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What one round sends and what happens meanwhile. A function of its arguments: the same seed makes
 * the same round, on every machine.
 *
 * @param round its number, from 1
 * @param events what is sent; per key in this order
 * @param faults what happens, one after the other, spread over the events
 */
public record Plan(int round, List<Event> events, List<Fault> faults) {
  /** Events of one key keep their order; so many keys are sent side by side. */
  static final int KEYS = 24;

  private static final int LONGEST_HALT_MS = 400;

  public Plan {
    events = List.copyOf(events);
    faults = List.copyOf(faults);
  }

  /** How a request is sent. */
  public enum Manner {
    /** Once, and again only when there was no answer. */
    PLAIN,
    /** Twice at the same time: the same id will stand on the link twice. */
    TWICE,
    /** Its body stays away for a while. */
    HALTING
  }

  /**
   * An event to be sent.
   *
   * @param link where to
   * @param id its id, unique over all rounds
   * @param key its key
   * @param data its data
   * @param manner how it is sent
   * @param haltMs how long its body stays away
   */
  public record Event(String link, String id, String key, String data, Manner manner, int haltMs) {}

  /** What may happen. */
  public enum Kind {
    /** A router is killed and started again at once. */
    KILL_ROUTER,
    /** All function processes of a router are killed. */
    KILL_FUNCTIONS,
    /** The broker is killed and started again at once. */
    KILL_BROKER,
    /** The gateway is killed and started again at once. */
    KILL_GATEWAY,
    /** A router is stopped (SIGSTOP) for a while; when long, the others take its partitions. */
    PAUSE_ROUTER,
    /** All function processes of a router are stopped for a while. */
    PAUSE_FUNCTIONS,
    /** The broker is stopped for a while. */
    PAUSE_BROKER,
    /**
     * A router ends in good order, stays away for so long that the others take over, comes back.
     */
    LEAVE_ROUTER
  }

  /**
   * Something that happens.
   *
   * @param kind what
   * @param slot which router is meant
   * @param waitMs after what happened before
   * @param lastsMs how long a pause lasts, or how long a router stays away
   * @param apart whether it waits until all recovered from what happened before, and is measured
   */
  public record Fault(Kind kind, int slot, int waitMs, int lastsMs, boolean apart) {
    /** For people. */
    @Override
    public String toString() {
      String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      String which =
          switch (kind) {
            case KILL_BROKER, KILL_GATEWAY, PAUSE_BROKER -> "";
            default -> " " + slot;
          };
      return what + which + (lastsMs > 0 ? " for %.1f s".formatted(lastsMs / 1000.0) : "");
    }
  }

  /**
   * Makes a plan.
   *
   * @param links the links that are fed from outside, in a fixed order
   * @param perLink events for each of them
   * @param routers how many routers there are
   * @param ours whether the circuit is ours, whose functions do as the data says
   */
  public static Plan of(
      long seed, int round, List<String> links, int perLink, int routers, boolean ours) {
    Random random = new Random(seed * 1_000_003 + round);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < perLink; i++) {
      for (String link : links) {
        String key = String.format(Locale.ROOT, "k%02d", random.nextInt(KEYS));
        String id =
            String.format(Locale.ROOT, "r%d-%s-%s-%05d-%d", round, link, key, i, random.nextInt(3));
        int halt = random.nextInt(100) < 2 ? 1 + random.nextInt(LONGEST_HALT_MS) : 0;
        Manner manner =
            halt > 0 ? Manner.HALTING : random.nextInt(100) < 3 ? Manner.TWICE : Manner.PLAIN;
        String data = ours ? id + order(random) : "{\"id\":\"%s\",\"n\":%d}".formatted(id, i);
        events.add(new Event(link, id, key, data, manner, halt));
      }
    }
    return new Plan(round, events, faults(random, routers));
  }

  /** What the function that fails has to do. */
  private static String order(Random random) {
    int dice = random.nextInt(100);
    return dice < 4 ? " refuse" : dice < 8 ? " falter" : " pass";
  }

  private static List<Fault> faults(Random random, int routers) {
    List<Kind> kinds =
        new ArrayList<>(List.of(Kind.KILL_ROUTER, Kind.KILL_FUNCTIONS, Kind.KILL_BROKER));
    List<Kind> others =
        new ArrayList<>(
            List.of(
                Kind.KILL_ROUTER,
                Kind.KILL_GATEWAY,
                Kind.PAUSE_ROUTER,
                Kind.PAUSE_FUNCTIONS,
                Kind.PAUSE_BROKER));
    Collections.shuffle(others, random);
    kinds.addAll(others.subList(0, 2));
    Collections.shuffle(kinds, random);
    int leaving = random.nextInt(routers);
    List<Fault> faults = new ArrayList<>();
    if (routers > 1) {
      faults.add(new Fault(Kind.LEAVE_ROUTER, leaving, 0, 7000 + random.nextInt(2000), false));
    }
    for (Kind kind : kinds) {
      // not the one that is away
      int slot = (leaving + (routers > 1 ? 1 + random.nextInt(routers - 1) : 0)) % routers;
      boolean takesOver = kind == Kind.PAUSE_ROUTER && random.nextInt(4) == 0;
      int lasts =
          switch (kind) {
            case PAUSE_ROUTER ->
                takesOver ? 8000 + random.nextInt(4000) : 300 + random.nextInt(1700);
            case PAUSE_FUNCTIONS, PAUSE_BROKER -> 300 + random.nextInt(1700);
            default -> 0;
          };
      faults.add(new Fault(kind, slot, 50 + random.nextInt(1000), lasts, random.nextInt(3) > 0));
    }
    return faults;
  }

  /** What tells one plan from another: equal for equal plans. */
  public String digest() {
    StringBuilder text = new StringBuilder().append(round).append('\n');
    events.forEach(
        event ->
            text.append(
                String.join(
                    " ",
                    event.link(),
                    event.id(),
                    event.key(),
                    event.data(),
                    event.manner().name(),
                    Integer.toString(event.haltMs()),
                    "\n")));
    faults.forEach(
        fault ->
            text.append(
                "%s %d %d %d %b\n"
                    .formatted(
                        fault.kind().name(),
                        fault.slot(),
                        fault.waitMs(),
                        fault.lastsMs(),
                        fault.apart())));
    return Audit.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
