package dev.koalja.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Versions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectTest {
  @TempDir Path dir;

  @Test
  void shouldShowWhatTheCompilerSaidOnceAndNoNoise() {
    String output =
        """
        [ERROR] COMPILATION ERROR :
        [ERROR] /home/ann/shop/src/main/java/shop/Prices.java:[12,5] cannot find symbol
          symbol:   variable x
        [ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.14.0:compile (default-compile) on project shop: Compilation failure
        [ERROR] /home/ann/shop/src/main/java/shop/Prices.java:[12,5] error: cannot find symbol
        [ERROR] -> [Help 1]
        [ERROR]
        [ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
        [ERROR] For more information about the errors and possible solutions, please read the following articles:
        [ERROR] [Help 1] http://example.org/MojoFailureException
        """;
    assertThat(ProjectBuild.problems(output, Path.of("/home/ann/shop")))
        .containsExactly("src/main/java/shop/Prices.java:12:5  cannot find symbol");
  }

  @Test
  void shouldShowTheReasonOfAnyOtherFailure() {
    String output =
        "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-enforcer-plugin:3.5.0:enforce"
            + " (jdk) on project shop: shop needs JDK 25 -> [Help 1]\n";
    assertThat(ProjectBuild.problems(output, dir)).containsExactly("shop needs JDK 25");
  }

  @Test
  void shouldShowTheProblemsOfACircuitAlone() {
    String build =
        """
        [ERROR] Failed to execute goal io.quarkus:quarkus-maven-plugin:3.34.2:build (default) on project shop: Failed to build quarkus application: io.quarkus.builder.BuildException: Build failure: Build failed due to errors
        [ERROR] \t[error]: Build step %s
        [ERROR]
        [ERROR] -> [Help 1]
        """;
    String wrong =
        build.formatted(
            """
            dev.koalja.runtime.deployment.KoaljaProcessor#circuit threw an exception: dev.koalja.runtime.deployment.WrongCircuitException: 1 problem in the circuit of shop:
            [ERROR]   shop.Prices.price(Order): "Order!" is no link name""");
    String other =
        build.formatted("io.quarkus.X#y threw an exception: java.lang.IllegalStateException: full");

    assertThat(ProjectBuild.problems(wrong, dir))
        .containsExactly("shop.Prices.price(Order): \"Order!\" is no link name");
    assertThat(ProjectBuild.problems(other, dir))
        .containsExactly(
            "[error]: Build step io.quarkus.X#y threw an exception: java.lang.IllegalStateException: full");
  }

  @Test
  void shouldWriteAProjectWithItsNamesInPlace() throws Exception {
    Path folder = dir.resolve("my-shop");
    NewProject.create(folder, "my-shop", new Versions("1.2", "4", "3.3"));

    assertThat(folder.resolve("src/main/java/myshop/Prices.java"))
        .content()
        .startsWith("package myshop;");
    assertThat(folder.resolve("pom.xml"))
        .content()
        .contains("<artifactId>my-shop</artifactId>", "<version.koalja>1.2</version.koalja>")
        .doesNotContain("@");
    assertThat(folder.resolve(".gitignore")).exists();
    assertThat(FunctionProject.in(folder).hasFunctions()).isTrue();
    assertThat(FunctionProject.in(folder).version()).isEqualTo("1.0.0-SNAPSHOT");
  }

  @Test
  void shouldLeaveFoldersThatAreNotEmptyAlone() throws Exception {
    Files.writeString(dir.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> NewProject.create(dir, "shop", Versions.load()))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("is not empty");
    assertThatThrownBy(() -> NewProject.create(dir.resolve("thesis.tex"), "shop", Versions.load()))
        .hasMessageContaining("is a file");
  }

  @ParameterizedTest
  @CsvSource({"shop, shop", "my-shop, myshop", "new, newapp", "switch, switchapp", "java, javaapp"})
  void shouldMakePackageNamesThatCompile(String name, String javaPackage) {
    assertThat(NewProject.packageName(name)).isEqualTo(javaPackage);
  }

  @Test
  void shouldTakeTheVersionOfTheParentWhenThereIsNoOther() throws Exception {
    Path pom = dir.resolve("pom.xml");
    Files.writeString(
        pom, "<project><parent><version>3</version></parent><artifactId>a</artifactId></project>");
    assertThat(PomVersion.of(pom)).isEqualTo("3");
    Files.writeString(pom, "<project><version>${revision}</version></project>");
    assertThatThrownBy(() -> PomVersion.of(pom)).hasMessageContaining("--version");
  }

  @Test
  void shouldSayWhatIsMissingWhereThereIsNoProject() {
    assertThatThrownBy(() -> FunctionProject.in(dir))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("koalja init");
  }

  @Test
  void shouldReportTheProblemsOfAllFilesTogether() throws Exception {
    Path one = Files.createDirectory(dir.resolve("one"));
    Path two = Files.createDirectory(dir.resolve("two"));
    Files.writeString(one.resolve("pipeline.yaml"), "kind: Nonsense\n");
    Files.writeString(two.resolve("pipeline.yaml"), "kind: [\n");
    assertThatThrownBy(
            () -> Circuits.read(List.of(FunctionProject.in(one), FunctionProject.in(two))))
        .hasMessageContaining("one/pipeline.yaml:1")
        .hasMessageContaining("two/pipeline.yaml:");
  }
}
