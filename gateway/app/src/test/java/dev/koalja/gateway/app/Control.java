package dev.koalja.gateway.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.stream.Stream;

/** Calls the control API. */
record Control(URL base) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  HttpResponse<String> send(String method, String path, String body) throws Exception {
    return send(method, path, body, "application/json");
  }

  HttpResponse<String> send(String method, String path, String body, String contentType)
      throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", contentType)
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  JsonNode get(String path) throws Exception {
    return JSON.readTree(send("GET", path, "").body());
  }

  JsonNode post(String path, String body) throws Exception {
    return JSON.readTree(send("POST", path, body).body());
  }

  /** Applies a pipeline file; its answer. */
  JsonNode apply(String name, String spec) throws Exception {
    HttpResponse<String> answer = send("PUT", "/api/pipelines/" + name, file(name, spec));
    return JSON.readTree(answer.body());
  }

  static String file(String name, String spec) {
    return """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
        %s"""
        .formatted(name, spec.indent(2));
  }

  /** The lines of a stream that ends by itself. */
  List<JsonNode> lines(String path) throws Exception {
    return send("GET", path, "").body().lines().map(Control::read).toList();
  }

  /** A stream that is followed; close it. */
  Stream<String> follow(String path) throws Exception {
    return CLIENT.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofLines()).body();
  }

  static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private URI uri(String path) {
    return URI.create(origin() + path);
  }

  /** Scheme, host and port; Quarkus adds the path of its own endpoints, which ours do not share. */
  String origin() {
    return base.getProtocol() + "://" + base.getAuthority();
  }
}
