package dev.koalja.benchmarks.peers.google;

import com.google.cloud.functions.HttpFunction;
import com.google.cloud.functions.HttpRequest;
import com.google.cloud.functions.HttpResponse;
import com.google.gson.Gson;
import java.io.IOException;

/**
 * Greets whoever a CloudEvent names. An {@link HttpFunction}, as the framework's CloudEvents
 * functions have no answer.
 */
public final class Greeter implements HttpFunction {
  private final Gson gson = new Gson();

  @Override
  public void service(HttpRequest request, HttpResponse response) throws IOException {
    String id = request.getFirstHeader("ce-id").orElse(null);
    if (id == null || request.getFirstHeader("ce-source").isEmpty()) {
      response.setStatusCode(400);
      response.getWriter().write("no CloudEvent in binary mode");
      return;
    }
    String name = gson.fromJson(request.getReader(), String.class);
    response.appendHeader("ce-specversion", "1.0");
    response.appendHeader("ce-id", id + ".0");
    response.appendHeader("ce-source", "/greet");
    response.appendHeader("ce-type", "greeting");
    response.setContentType("application/json");
    gson.toJson("Hello, " + name + "!", response.getWriter());
  }
}
