package dev.koalja.cli.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DebuggersTest {
  @Test
  void shouldGiveEachAppTenPorts() {
    assertThat(Debuggers.ports(List.of("shop", "billing"), 5005))
        .isEqualTo(Map.of("billing", 5005, "shop", 5015));
  }
}
