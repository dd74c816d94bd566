package dev.koalja.gateway.control;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** What an operator can set about the control API. */
@ConfigMapping(prefix = "koalja.control")
public interface ControlConfig {
  /**
   * The credential callers send as {@code Authorization: Bearer}; best set through the environment
   * as {@code KOALJA_CONTROL_TOKEN}. Required, here or as a file, when the management port is bound
   * beyond loopback.
   */
  Optional<String> token();

  /** A file that holds the credential; every line is one, for rotation. */
  Optional<Path> tokenFile();
}
