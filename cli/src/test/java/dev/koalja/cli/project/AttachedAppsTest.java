package dev.koalja.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachedAppsTest {
  @TempDir Path dir;

  private FunctionProject project(String app) throws IOException {
    Path folder = Files.createDirectories(dir.resolve(app + "-project"));
    Files.writeString(folder.resolve("pom.xml"), "<!-- koalja-function-runtime -->");
    return FunctionProject.in(folder);
  }

  private FunctionProject built(String app) throws IOException {
    FunctionProject project = project(app);
    Files.createDirectories(project.inferred().getParent());
    Files.writeString(
        project.inferred(),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec: {tasks: [{name: %1$s, function: {app: %1$s}, inputs: [{name: in, link: in}]}]}
        """
            .formatted(app));
    return project;
  }

  @Test
  void shouldMarkTheProjectWhoseBuildHasTheApp() throws IOException {
    List<FunctionProject> projects = List.of(built("shop"), built("stock"), project("new"));

    List<FunctionProject> marked = AttachedApps.mark(projects, Map.of("stock", 8081));

    assertThat(marked).extracting(FunctionProject::attached).containsExactly(false, true, false);
    assertThat(marked).extracting(FunctionProject::buildsHere).containsExactly(true, false, true);
    assertThat(Circuits.read(marked.subList(0, 2)).apps()).containsOnlyKeys("shop");
  }

  @Test
  void shouldRefuseAnAppThatNoProjectHas() throws IOException {
    List<FunctionProject> projects = List.of(built("shop"));

    assertThatThrownBy(() -> AttachedApps.mark(projects, Map.of("ship", 8081)))
        .isInstanceOf(CliException.class)
        .hasMessage(
            "--attach ship: no project here is built with an app of that name; known: shop");
    List<FunctionProject> fresh = List.of(project("fresh"));
    assertThatThrownBy(() -> AttachedApps.mark(fresh, Map.of("fresh", 8081)))
        .isInstanceOf(CliException.class)
        .hasMessageEndingWith("; none is built");
  }

  @Test
  void shouldRefuseWhatIsNoPort() {
    assertThatThrownBy(() -> AttachedApps.mark(List.of(), Map.of("shop", 0)))
        .isInstanceOf(CliException.class)
        .hasMessage("--attach shop=0 is no port: choose 1 to 65535");
  }
}
