package dev.koalja.benchmarks.peers.spring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.function.Function;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Greets whoever a CloudEvent names; Spring Cloud Function makes a CloudEvent of what it returns. */
@SpringBootApplication(proxyBeanMethods = false)
public class Greeter {
  public static void main(String[] args) {
    SpringApplication.run(Greeter.class, args);
  }

  @Bean
  Function<String, String> greet(ObjectMapper mapper) {
    return data -> {
      try {
        return "Hello, " + mapper.readValue(data, String.class) + "!";
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("no name in JSON", e);
      }
    };
  }
}
