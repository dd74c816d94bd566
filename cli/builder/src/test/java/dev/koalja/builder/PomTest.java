package dev.koalja.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PomTest {
  @TempDir Path dir;

  private Pom read(String properties, String build) throws IOException, ForMavenException {
    Files.writeString(
        dir.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>shop</groupId>
          <artifactId>shop</artifactId>
          <version>1.2</version>
          <properties>%s</properties>
          <build>%s</build>
        </project>
        """
            .formatted(properties, build));
    return Pom.read(dir);
  }

  private static String compiler(String settings) {
    return "<plugins><plugin><artifactId>maven-compiler-plugin</artifactId><version>3.14.0</version><configuration>%s</configuration></plugin></plugins>"
        .formatted(settings);
  }

  @Test
  void shouldCompileAndTellQuarkusAsMavenWould() throws Exception {
    Pom pom =
        read(
            "<maven.compiler.release>25</maven.compiler.release><maven.compiler.parameters>true</maven.compiler.parameters><quarkus.a>b</quarkus.a>",
            "");

    assertThat(pom.compilerOptions()).containsSequence("--release", "25").contains("-parameters");
    assertThat(pom.resources()).containsExactly(dir.resolve("src/main/resources"));
    assertThat(pom.finalName()).isEqualTo("shop-1.2");
    assertThat(pom.quarkusProperties())
        .containsEntry("quarkus.a", "b")
        .containsEntry("quarkus.application.name", "shop")
        .containsEntry("quarkus.application.version", "1.2");
  }

  @Test
  void shouldObeyTheSettingsOfTheCompiler() throws Exception {
    assertThat(read("", compiler("<release>21</release><parameters>true</parameters>")))
        .satisfies(
            pom ->
                assertThat(pom.compilerOptions())
                    .containsSequence("--release", "21")
                    .contains("-parameters"));
  }

  @ParameterizedTest
  @CsvSource({
    "<compilerArgs><arg>-Xlint</arg></compilerArgs>, compilerArgs",
    "<annotationProcessorPaths><path/></annotationProcessorPaths>, annotationProcessorPaths",
    "<proc>full</proc>, proc"
  })
  void shouldLeaveToMavenWhatTheCompilerIsToldBesides(String settings, String named) {
    assertThatThrownBy(() -> read("", compiler(settings)))
        .isInstanceOf(ForMavenException.class)
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @CsvSource({
    "proc, full",
    "enablePreview, true",
    "annotationProcessorPathsUseDepMgmt, true",
    "optimize, true"
  })
  void shouldLeaveToMavenWhatTheCompilerIsToldByProperties(String name, String value) {
    String property = "<maven.compiler.%1$s>%2$s</maven.compiler.%1$s>".formatted(name, value);
    assertThatThrownBy(() -> read(property, ""))
        .isInstanceOf(ForMavenException.class)
        .hasMessage("its compiler is told " + name);
  }

  @Test
  void shouldNotMindPropertiesThatChangeNothingOfWhatIsMade() throws Exception {
    Pom pom =
        read(
            "<maven.compiler.plugin.version>3.14.0</maven.compiler.plugin.version>"
                + "<maven.compiler.testRelease>25</maven.compiler.testRelease>"
                + "<maven.compiler.release>21</maven.compiler.release>",
            "");
    assertThat(pom.compilerOptions()).containsSequence("--release", "21");
  }

  @Test
  void shouldCompileWhatSymbolicLinksLeadToAndNotRunInCircles() throws Exception {
    Path sources = Files.createDirectories(dir.resolve("src/main/java"));
    Path linked = Files.createDirectories(dir.resolve("elsewhere/rates"));
    Files.writeString(linked.resolve("Rates.java"), "package rates; class Rates {}");
    Files.createSymbolicLink(sources.resolve("rates"), linked);
    Files.createSymbolicLink(sources.resolve("circle"), sources);
    Files.createSymbolicLink(sources.resolve("Gone.java"), dir.resolve("nothing"));
    JavaSources java = new JavaSources(read("", ""), List.of());
    Path classes = Files.createDirectories(dir.resolve("target/classes"));

    assertThat(java.all()).containsExactly(sources.resolve("rates/Rates.java"));
    assertThat(java.compile(java.all(), classes)).isEmpty();
    assertThat(classes.resolve("rates/Rates.class")).exists();
  }

  @Test
  void shouldLeaveToMavenWhatAnotherPluginDoes() {
    assertThatThrownBy(
            () ->
                read(
                    "",
                    "<plugins><plugin><groupId>x</groupId><artifactId>generator-maven-plugin</artifactId><version>1</version><executions><execution><goals><goal>generate</goal></goals></execution></executions></plugin></plugins>"))
        .isInstanceOf(ForMavenException.class)
        .hasMessage("its build uses generator-maven-plugin");
  }

  @Test
  void shouldLeaveFilteredResourcesToMaven() {
    assertThatThrownBy(
            () ->
                read(
                    "",
                    "<resources><resource><directory>src/main/resources</directory><filtering>true</filtering></resource></resources>"))
        .hasMessageContaining("resources");
  }

  @Test
  void shouldLeaveOtherLanguagesToMaven() throws IOException {
    Files.createDirectories(dir.resolve("src/main/kotlin"));
    assertThatThrownBy(() -> read("", "")).hasMessage("src/main/kotlin is not Java");
  }
}
