package dev.koalja.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void shouldChooseManyOfWhichNoTwoAreAlikeAndLetThemGo() throws Exception {
    var ports = FreePorts.choose(200);
    assertThat(ports).hasSize(200).doesNotHaveDuplicates();
    try (ServerSocket socket =
        new ServerSocket(ports.getFirst(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
    }
  }
}
