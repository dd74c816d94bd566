package dev.koalja.benchmarks.reloads;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.platform.CommittedRecords;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;

/**
 * Saves a source file again and again while orders come: how long until the new code makes the
 * results, and whether each order has exactly one result in the end. One save in five is broken;
 * one in ten adds a function or takes it away.
 */
public final class Reloads implements Measurement {
  private static final int RATE = Integer.getInteger("koalja.rate", 100);
  private static final double TARGET_SECONDS = 3;
  private static final String SAVED = "save to its first result";
  private static final String BROKEN = "broken code, until it is said";

  @Override
  public String name() {
    return "reloads";
  }

  @Override
  public String summary() {
    return "code is changed under load, also broken, also rewired: how long it takes, what is lost";
  }

  @Override
  public int defaultRuns() {
    return 100;
  }

  /** Milliseconds of each save, by what it was. */
  private record Times(List<Double> code, List<Double> rewired, List<Double> broken) {}

  /** What is found in the end. */
  private record Audit(int sent, long lost, long doubled, long dead, int processes, long left) {}

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Times times = new Times(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    run.progress("making and starting a shop");
    Audit audit;
    try (Shop shop = new Shop(run.home(), run.scratch())) {
      String kafka = shop.kafka();
      try (Load load = new Load(shop.orders(), RATE);
          PricedOrders priced = new PricedOrders(kafka)) {
        Shop.await("the first result", () -> priced.cameFrom(0));
        boolean audited = false;
        int version = 0;
        for (int save = 1; save <= run.rounds(); save++) {
          if (save % 5 == 3) {
            broken(shop, load, times);
          } else {
            boolean rewire = save % 10 == 6;
            audited ^= rewire;
            version++;
            double took = change(shop, priced, version, audited);
            (rewire ? times.rewired : times.code).add(took);
          }
          int before = load.sent();
          Shop.await("more orders", () -> load.sent() >= before + RATE / 4);
          if (save <= 6) {
            run.progress("save %d: %s", save, shop.last("built after"));
          }
          if (save % 10 == 0) {
            run.progress("%d of %d saves, %d orders", save, run.rounds(), load.sent());
          }
        }
        audit = audit(shop, load, priced, kafka);
      }
    }
    if (audit.lost + audit.doubled + audit.dead + audit.left > 0) {
      throw new IllegalStateException("not what was promised: " + audit);
    }
    return report(run, machine.after(), times, audit);
  }

  private static double change(Shop shop, PricedOrders priced, int version, boolean audited)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    shop.save(version, false, audited);
    Shop.await("a result of version " + version, () -> priced.cameFrom(version));
    return (priced.first(version) - begin) / 1e6;
  }

  private static void broken(Shop shop, Load load, Times times)
      throws IOException, InterruptedException {
    long said = shop.said("is not rebuilt");
    long begin = System.nanoTime();
    shop.save(-1, true, false);
    Shop.await("the compiler's message", () -> shop.said("is not rebuilt") > said);
    times.broken.add((System.nanoTime() - begin) / 1e6);
    if (shop.said("';' expected") == 0) {
      throw new IllegalStateException("the message does not say what is wrong");
    }
    load.sent();
  }

  private static Audit audit(Shop shop, Load load, PricedOrders priced, String kafka)
      throws Exception {
    int sent = load.stop();
    Shop.await("the last result", () -> priced.orders() >= sent);
    Shop.await("the end of the old processes", () -> shop.functions() <= 1);
    long doubled = priced.doubled() + doubledAudits(kafka);
    long lost = priced.lost(sent);
    long dead = dead(kafka);
    return new Audit(sent, lost, doubled, dead, shop.processes(), shop.stop());
  }

  private static long doubledAudits(String kafka) throws Exception {
    if (!topics(kafka).contains("koalja.shop.audited")) {
      return 0;
    }
    List<String> audited =
        CommittedRecords.read(kafka, "koalja.shop.audited").stream()
            .map(CommittedRecords::text)
            .toList();
    return audited.size() - new HashSet<>(audited).size();
  }

  private static long dead(String kafka) throws Exception {
    long dead = 0;
    for (String topic : topics(kafka)) {
      if (topic.startsWith("koalja-dead.")) {
        dead += CommittedRecords.read(kafka, topic).size();
      }
    }
    return dead;
  }

  private static Set<String> topics(String kafka) throws Exception {
    try (Admin admin = Admin.create(java.util.Map.of("bootstrap.servers", kafka))) {
      return admin.listTopics().names().get();
    }
  }

  private Report report(Run run, Machine machine, Times times, Audit audit) {
    List<Series> series = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    add(series, notes, "code", SAVED, times.code);
    add(series, notes, "code and wiring", SAVED, times.rewired);
    add(series, notes, "broken code", BROKEN, times.broken);
    notes.add(
        "%,d orders, %d a second: lost %d, doubled %d, dead letters %d."
            .formatted(audit.sent, RATE, audit.lost, audit.doubled, audit.dead));
    notes.add(
        "%d processes seen in all, %d left at the end.".formatted(audit.processes, audit.left));
    List<Double> good = new ArrayList<>(times.code);
    good.addAll(times.rewired);
    List<Aim> aims =
        List.of(
            Aim.atMost(
                "save to the first result of the new code, median, s",
                Quartiles.of(good).median() / 1000,
                TARGET_SECONDS),
            Aim.atMost(
                "the same, the slowest, s",
                good.stream().mapToDouble(each -> each).max().orElse(0) / 1000,
                TARGET_SECONDS));
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, notes);
  }

  private static void add(
      List<Series> series, List<String> notes, String subject, String metric, List<Double> values) {
    if (!values.isEmpty()) {
      series.add(Series.reference(subject, metric, "ms", values));
      notes.add(
          String.format(
              Locale.ROOT,
              "%s, %d times: min %.0f, median %.0f, max %.0f ms.",
              subject,
              values.size(),
              values.stream().mapToDouble(each -> each).min().orElse(0),
              Quartiles.of(values).median(),
              values.stream().mapToDouble(each -> each).max().orElse(0)));
    }
  }
}
