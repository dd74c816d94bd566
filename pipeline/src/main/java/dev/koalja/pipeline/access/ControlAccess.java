package dev.koalja.pipeline.access;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who may use the control API. On loopback: everybody on this machine, except web pages that made a
 * browser come here (DNS rebinding, cross-site requests). Beyond: who has the credential.
 * Immutable.
 */
public final class ControlAccess {
  private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final boolean loopback;
  private final List<String> tokens;

  private ControlAccess(boolean loopback, List<String> tokens) {
    this.loopback = loopback;
    this.tokens = List.copyOf(tokens);
  }

  /**
   * The rules for a listener.
   *
   * @param host what the management port is bound to
   * @throws IllegalStateException one line for people: beyond loopback without a credential, or the
   *     credential cannot be read
   */
  public static ControlAccess of(String host, Optional<String> token, Optional<Path> tokenFile) {
    List<String> tokens = new ArrayList<>();
    token.map(String::trim).filter(text -> !text.isEmpty()).ifPresent(tokens::add);
    if (tokenFile.isPresent()) {
      try {
        Files.readAllLines(tokenFile.get()).stream()
            .map(String::trim)
            .filter(line -> !line.isEmpty())
            .forEach(tokens::add);
      } catch (IOException e) {
        throw new IllegalStateException(
            "koalja.control.token-file %s cannot be read".formatted(tokenFile.get()), e);
      }
    }
    boolean loopback = isLoopback(host);
    if (!loopback && tokens.isEmpty()) {
      throw new IllegalStateException(
          ("the control API would be open to everybody on %s: set koalja.control.token-file (or"
                  + " KOALJA_CONTROL_TOKEN), or bind it to loopback with quarkus.management.host")
              .formatted(host));
    }
    return new ControlAccess(loopback, tokens);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }

  /**
   * Why a request is refused, if it is.
   *
   * @param host its Host header
   * @param origin its Origin header
   * @param authorization its Authorization header
   * @param open whether the path needs no credential, such as probes
   */
  public Optional<KoaljaException> refusal(
      Optional<String> host,
      Optional<String> origin,
      Optional<String> authorization,
      boolean open) {
    if (loopback && !LOOPBACK_NAMES.contains(name(host.orElse("")))) {
      return refuse("the Host header names another machine; this listener is for this one only");
    }
    if (origin.isPresent() && !sameMachine(origin.get(), host.orElse(""))) {
      return refuse("requests of web pages from elsewhere are not taken");
    }
    if (!tokens.isEmpty() && !open && !AccessToken.matches(authorization, tokens)) {
      return refuse("send the credential as Authorization: Bearer <token>");
    }
    return Optional.empty();
  }

  private static boolean sameMachine(String origin, String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** The name in a Host header, without its port. */
  private static String name(String host) {
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    return (end <= 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
  }

  private static Optional<KoaljaException> refuse(String why) {
    return Optional.of(new KoaljaException(ErrorCode.UNAUTHORIZED, why));
  }
}
