package dev.koalja.gateway.http;

/** Answers requests. Called on a virtual thread, so it may block; many at the same time. */
@FunctionalInterface
public interface Endpoint {
  /**
   * The answer to a request.
   *
   * @throws dev.koalja.pipeline.error.KoaljaException becomes the problem of its code
   * @throws Exception anything else becomes a 500 and is logged
   */
  Answer answer(Request request) throws Exception;
}
