package dev.koalja.benchmarks.peers.servers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Netty, with one event loop. */
public final class NettyServer {
  private static final int LARGEST = 16 * 1024 * 1024;
  private static final Executor FUNCTIONS = Executors.newVirtualThreadPerTaskExecutor();

  private NettyServer() {}

  public static void main(String[] args) throws InterruptedException {
    NioEventLoopGroup loop = new NioEventLoopGroup(1);
    new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(),
                        new HttpServerKeepAliveHandler(),
                        new HttpObjectAggregator(LARGEST),
                        new Answer());
              }
            })
        .bind("127.0.0.1", Greeter.port())
        .sync();
  }

  @ChannelHandler.Sharable
  private static final class Answer extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      String id = request.headers().get("ce-id");
      boolean event = Greeter.isEvent(id, request.headers().get("ce-source"));
      byte[] body = ByteBufUtil.getBytes(request.content());
      FUNCTIONS.execute(() -> context.writeAndFlush(event ? greeting(id, body) : refusal()));
    }

    private static FullHttpResponse greeting(String id, byte[] body) {
      try {
        ByteBuf greeting = Unpooled.wrappedBuffer(Greeter.greet(body));
        FullHttpResponse response =
            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, greeting);
        Greeter.headers(id).forEach(response.headers()::set);
        response.headers().set("Content-Length", greeting.readableBytes());
        return response;
      } catch (IOException e) {
        return refusal();
      }
    }

    private static FullHttpResponse refusal() {
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST);
      response.headers().set("Content-Length", 0);
      return response;
    }
  }
}
