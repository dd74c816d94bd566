package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class LoopbackPortsTest {
  @Test
  void shouldNotGiveAPortOfARangeTwiceBeforeItIsReleased() throws IOException {
    LoopbackPorts ports = new LoopbackPorts();
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = used.getLocalPort();
      assertThat(ports.takeFrom(port, 1)).as("somebody listens there").isEmpty();
    }
    int free = ports.take();
    assertThat(ports.takeFrom(free, 1)).as("given already").isEmpty();
    ports.release(free);
    assertThat(ports.takeFrom(free, 1)).hasValue(free);
    assertThat(ports.takeFrom(free, 1)).isEmpty();
  }
}
