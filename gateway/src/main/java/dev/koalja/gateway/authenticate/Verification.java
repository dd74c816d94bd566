package dev.koalja.gateway.authenticate;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;

/** What verifying a request came to. */
public sealed interface Verification {
  /** It is from whom it says. */
  record Verified() implements Verification {}

  /**
   * It is not, or does not say.
   *
   * @param reason for the sender; nothing secret
   */
  record Refused(String reason) implements Verification {}

  /**
   * Nothing to verify with: the request is refused, never let through.
   *
   * @param name which secret
   */
  record SecretMissing(String name) implements Verification {}

  /**
   * Goes on only when verified.
   *
   * @param refused the code when not
   * @throws KoaljaException the refusal as a problem
   */
  default void require(ErrorCode refused) {
    switch (this) {
      case Verified _ -> {}
      case Refused(String reason) -> throw new KoaljaException(refused, reason);
      case SecretMissing(String name) ->
          throw new KoaljaException(
              ErrorCode.SECRET_MISSING,
              "the secret \"%s\" of this trigger is not set here".formatted(name));
    }
  }
}
