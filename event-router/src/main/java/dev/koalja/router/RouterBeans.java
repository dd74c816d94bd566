package dev.koalja.router;

import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.cluster.KnativeServing;
import dev.koalja.knative.serving.local.AppCatalog;
import dev.koalja.knative.serving.local.LocalServing;
import dev.koalja.knative.serving.local.LocalSettings;
import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.link.ReaderLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Map;

/** The router's parts as CDI beans, in flow order, and their end. */
@ApplicationScoped
public class RouterBeans {
  private static final int SOFTWARE = 70;

  @Produces
  @Singleton
  AppCatalog catalog(LocalApps apps) {
    AppCatalog catalog = new AppCatalog(apps::released);
    apps.first().forEach(catalog::put);
    return catalog;
  }

  @Produces
  @Singleton
  Serving serving(ServingConfig config, AppCatalog catalog, MeterRegistry registry) {
    return switch (config.mode()) {
      case LOCAL -> local(config, catalog, registry);
      case KNATIVE -> new KnativeServing(config.namespace());
    };
  }

  private static Serving local(ServingConfig config, AppCatalog catalog, MeterRegistry registry) {
    LocalServing serving =
        new LocalServing(
            catalog,
            config.logs(),
            LocalSettings.DEFAULT.withCacheRequired(
                config.cache() == ServingConfig.CacheUse.REQUIRE));
    serving.onStart(new StartMetrics(registry));
    return serving;
  }

  /** As SmallRye's channels are let in: {@code kafka.*}. */
  @Produces
  @Singleton
  KafkaCluster kafka(@Identifier("default-kafka-broker") Map<String, Object> settings) {
    return new KafkaCluster(settings);
  }

  @Produces
  @Singleton
  EventRouter router(
      RouterConfig router,
      KafkaCluster kafka,
      Serving serving,
      Vertx vertx,
      MeterRegistry registry) {
    RouterSettings settings =
        new RouterSettings(
            kafka,
            router.installation(),
            router.slot(),
            router.lanes(),
            router.offsetMetadataCharacters(),
            router.maxRecordBytes(),
            ReaderLimits.DEFAULT.parkFrom(router.parkFrom()),
            router.prewarm() ? router.prewarmApps() : 0);
    return new EventRouter(
        settings, serving, vertx, registry, InstantSource.system(), RouterBeans::endProcess);
  }

  /** A supervisor starts it again; what was not committed is repeated. */
  private static void endProcess() {
    Quarkus.asyncExit(SOFTWARE);
  }

  /** Readers first, so that calls under way still find their processes. */
  void stop(@Observes ShutdownEvent event, EventRouter router, Serving serving, RouterConfig config)
      throws Exception {
    router.close(config.drain());
    serving.close();
  }
}
