package dev.koalja.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The stages an event passes, as a rule. */
class StageOrderTest {
  private static final JavaClasses ROUTER =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.koalja.router");

  @Test
  void shouldHaveNoCyclesBetweenStages() {
    slices().matching("dev.koalja.router.(*)..").should().beFreeOfCycles().check(ROUTER);
  }

  @Test
  void shouldMeetGatewayAndRuntimeOnTheWireOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.koalja.gateway..", "dev.koalja.runtime..", "dev.koalja.function..")
        .check(ROUTER);
  }

  @Test
  void shouldDecideResultsWithoutKafkaClientsOrThreads() {
    noClasses()
        .that()
        .haveSimpleNameStartingWith("KeyScheduler")
        .or()
        .haveSimpleNameStartingWith("OffsetTracker")
        .or()
        .haveSimpleName("RetryPolicy")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "java.util.concurrent..", "io.vertx..")
        .check(ROUTER);
  }
}
