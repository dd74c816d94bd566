package dev.koalja.benchmarks.peers.servers;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** Jetty's core, without servlets. */
public final class JettyServer {
  private JettyServer() {}

  public static void main(String[] args) throws Exception {
    Server server = new Server(new VirtualThreadPool());
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    connector.setPort(Greeter.port());
    server.addConnector(connector);
    server.setHandler(new Answer());
    server.start();
  }

  private static final class Answer extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String id = request.getHeaders().get("ce-id");
      if (!Greeter.isEvent(id, request.getHeaders().get("ce-source"))) {
        response.setStatus(400);
        callback.succeeded();
        return true;
      }
      byte[] greeting = Greeter.greet(Content.Source.asInputStream(request).readAllBytes());
      Greeter.headers(id).forEach((name, value) -> response.getHeaders().put(name, value));
      response.getHeaders().put("Content-Length", greeting.length);
      response.write(true, ByteBuffer.wrap(greeting), callback);
      return true;
    }
  }
}
