package dev.koalja.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The stages a request passes, as a rule. */
class StageOrderTest {
  private static final JavaClasses GATEWAY =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.koalja.gateway");

  @Test
  void shouldHaveNoCyclesBetweenStages() {
    slices().matching("dev.koalja.gateway.(*)..").should().beFreeOfCycles().check(GATEWAY);
  }

  @Test
  void shouldMeetRouterAndRuntimeOnTheWireOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.koalja.router..",
            "dev.koalja.runtime..",
            "dev.koalja.function..",
            "dev.koalja.knative..")
        .check(GATEWAY);
  }

  @Test
  void shouldMapAndVerifyWithoutKafkaAndWithoutVertx() {
    noClasses()
        .that()
        .resideInAnyPackage("..authenticate..", "..webhook..", "..bucket..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "io.vertx..")
        .check(GATEWAY);
  }
}
