package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegistryOptionsTest {
  private final RegistryOptions options = new RegistryOptions();

  @Test
  void shouldSendAPasswordToOneRegistryOnly() {
    options.username = "ann";

    assertThat(
            options
                .access(
                    List.of(
                        "registry.example/shop:1",
                        "registry.example/billing@sha256:" + "0".repeat(64)))
                .user())
        .isEqualTo(Optional.of("ann"));
    assertThatThrownBy(
            () ->
                options.access(List.of("registry.example/shop:1", "other.example:5000/billing:2")))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("in other.example:5000 and registry.example");
    assertThatThrownBy(() -> options.access(List.of("No Good")))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("neither a file nor");
    assertThatThrownBy(() -> options.access(List.of()))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("none of these images is in one");
  }

  @Test
  void shouldLeaveWhatDockerKnowsWhenNobodyIsNamed() {
    options.insecure = true;
    assertThat(options.access(List.of("a.example/x:1", "b.example/y:1")).user()).isEmpty();
    assertThat(options.access(List.of("a.example/x:1")).insecure()).isTrue();
  }
}
