package dev.koalja.test;

import dev.koalja.test.KoaljaTest.Where;
import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives each test a circuit. */
final class CircuitExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(CircuitExtension.class);

  /** Called by JUnit. */
  CircuitExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == Circuit.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    if (!(parameter.getDeclaringExecutable() instanceof Method) || test.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "every test has a circuit of its own: ask for it in the test or in @BeforeEach");
    }
    return test.getStore(NAMESPACE)
        .computeIfAbsent(Circuit.class, _ -> circuit(test), Circuit.class);
  }

  private static Circuit circuit(ExtensionContext test) {
    Class<?> type = test.getRequiredTestClass();
    KoaljaTest settings =
        AnnotationSupport.findAnnotation(type, KoaljaTest.class)
            .or(() -> enclosing(test))
            .orElseThrow(
                () -> new ParameterResolutionException(type + " is not annotated @KoaljaTest"));
    App app = App.of(type, settings.functions());
    return onBreadboard(settings.where())
        ? Breadboard.shared(test, app).circuit(app)
        : new MemoryCircuit(app);
  }

  private static Optional<KoaljaTest> enclosing(ExtensionContext test) {
    return test.getEnclosingTestClasses().reversed().stream()
        .flatMap(each -> AnnotationSupport.findAnnotation(each, KoaljaTest.class).stream())
        .findFirst();
  }

  private static boolean onBreadboard(Where where) {
    return switch (where) {
      case MEMORY -> false;
      case BREADBOARD -> true;
      case AS_SET ->
          switch (System.getProperty("koalja.test", "memory")) {
            case "memory" -> false;
            case "breadboard" -> true;
            case String other ->
                throw new ParameterResolutionException(
                    "koalja.test is \"%s\", must be memory or breadboard".formatted(other));
          };
    };
  }
}
