package dev.koalja.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class whose methods may have a parameter of type {@link Circuit}: the circuit of the
 * project, new for each test, with nothing on its links.
 *
 * <p>The circuit is made of the compiled classes and {@code pipeline.yaml}, as the build makes it.
 * It runs in memory, in the thread of the test; with {@code -Dkoalja.test=breadboard} the same test
 * runs on a real broker, gateway and router, and starts the functions as processes.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(CircuitExtension.class)
public @interface KoaljaTest {
  /**
   * The classes whose functions make the circuit, without {@code pipeline.yaml}. Empty: all of the
   * project, with it.
   */
  Class<?>[] functions() default {};

  /** Where the tests of the class run, if not where the system property says. */
  Where where() default Where.AS_SET;

  /** Where tests run. */
  enum Where {
    /** As the system property {@code koalja.test} says; in memory if it is not set. */
    AS_SET,
    /** In memory, always. */
    MEMORY,
    /** On a real breadboard, always. */
    BREADBOARD
  }
}
