package dev.koalja.runtime.deployment;

import dev.koalja.function.FunctionContext;
import dev.koalja.runtime.invoke.Later;
import dev.koalja.runtime.registry.FunctionInvoker;
import dev.koalja.runtime.result.Attributes;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.quarkus.gizmo.BytecodeCreator;
import io.quarkus.gizmo.ClassCreator;
import io.quarkus.gizmo.ClassOutput;
import io.quarkus.gizmo.MethodCreator;
import io.quarkus.gizmo.MethodDescriptor;
import io.quarkus.gizmo.ResultHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jboss.jandex.DotName;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.Type;

/**
 * Generates the invoker of a function: what one would write by hand to call it, in its package, so
 * that nothing has to be public.
 */
final class InvokerGenerator {
  private static final MethodDescriptor TEXT =
      MethodDescriptor.ofMethod(
          Objects.class, "toString", String.class, Object.class, String.class);

  private static final MethodDescriptor AWAIT =
      MethodDescriptor.ofMethod(Later.class, "await", Object.class, CompletionStage.class);
  private static final MethodDescriptor SET =
      MethodDescriptor.ofMethod(
          Attributes.class, "set", void.class, CloudEventBuilder.class, String.class, Object.class);

  private InvokerGenerator() {}

  /** The name of the generated class. */
  static String name(FunctionMethod function) {
    String task = function.task().value().replace('-', '_');
    return function.method().declaringClass().name() + "_Koalja_" + task;
  }

  /** Writes the class. */
  static void generate(FunctionMethod function, ClassOutput output) {
    try (ClassCreator creator =
        ClassCreator.builder()
            .classOutput(output)
            .className(name(function))
            .superClass(FunctionInvoker.class)
            .build()) {
      functions(creator, function);
      call(creator, function);
      if (function.several()) {
        output(creator, function);
        sharedKey(creator, function);
      }
      attributes(creator, function);
      key(creator, function);
    }
  }

  private static void functions(ClassCreator creator, FunctionMethod function) {
    try (MethodCreator body = creator.getMethodCreator("functions", Class.class)) {
      body.returnValue(body.loadClass(function.method().declaringClass().name().toString()));
    }
  }

  private static void call(ClassCreator creator, FunctionMethod function) {
    MethodInfo method = function.method();
    try (MethodCreator body =
        creator.getMethodCreator(
            "call", Object.class, Object.class, Object[].class, FunctionContext.class)) {
      ResultHandle bean =
          body.checkCast(body.getMethodParam(0), method.declaringClass().name().toString());
      ResultHandle[] arguments = new ResultHandle[method.parametersCount()];
      Arrays.fill(arguments, body.getMethodParam(2));
      for (int i = 0; i < function.inputs().size(); i++) {
        int position = function.inputs().get(i).position();
        ResultHandle value = body.readArrayValue(body.getMethodParam(1), i);
        arguments[position] = unboxed(body, value, method.parameterType(position));
      }
      if (function.state().isPresent()) {
        int position = function.state().get().position();
        ResultHandle value = body.readArrayValue(body.getMethodParam(1), function.inputs().size());
        arguments[position] = unboxed(body, value, method.parameterType(position));
      }
      ResultHandle returned =
          body.invokeVirtualMethod(MethodDescriptor.of(method), bean, arguments);
      body.returnValue(
          method.returnType().kind() == Type.Kind.VOID
              ? body.loadNull()
              : switch (function.returned().when()) {
                case NOW -> boxed(body, returned, method.returnType());
                case STAGE -> body.invokeStaticMethod(AWAIT, returned);
                case UNI -> awaitUni(body, returned);
              });
    }
  }

  /** Mutiny is called by name, here: the runtime does without it where nobody uses it. */
  private static ResultHandle awaitUni(BytecodeCreator body, ResultHandle uni) {
    body.ifNull(uni).trueBranch().returnValue(body.loadNull());
    return body.invokeStaticMethod(
        AWAIT,
        body.invokeInterfaceMethod(
            MethodDescriptor.ofMethod(
                OutputReader.UNI, "subscribeAsCompletionStage", CompletableFuture.class),
            uni));
  }

  private static void output(ClassCreator creator, FunctionMethod function) {
    DotName owner = function.returned().type().name();
    try (MethodCreator body =
        creator.getMethodCreator("output", Object.class, Object.class, int.class)) {
      List<OutputPort> outputs = function.outputs();
      for (int i = 0; i < outputs.size(); i++) {
        OutputPort port = outputs.get(i);
        BytecodeCreator match =
            body.ifIntegerEqual(body.getMethodParam(1), body.load(i)).trueBranch();
        match.returnValue(
            component(match, match.getMethodParam(0), owner, port.component(), port.declared()));
      }
      body.returnValue(body.loadNull());
    }
  }

  private static void key(ClassCreator creator, FunctionMethod function) {
    try (MethodCreator body =
        creator.getMethodCreator("key", String.class, Object.class, int.class)) {
      List<OutputPort> outputs = function.outputs();
      for (int i = 0; i < outputs.size(); i++) {
        if (outputs.get(i).key().isPresent()) {
          BytecodeCreator match =
              body.ifIntegerEqual(body.getMethodParam(1), body.load(i)).trueBranch();
          match.returnValue(text(match, match.getMethodParam(0), outputs.get(i).key().get()));
        }
      }
      body.returnValue(body.loadNull());
    }
  }

  private static void sharedKey(ClassCreator creator, FunctionMethod function) {
    try (MethodCreator body = creator.getMethodCreator("sharedKey", String.class, Object.class)) {
      body.returnValue(
          function.sharedKey().isPresent()
              ? text(body, body.getMethodParam(0), function.sharedKey().get())
              : body.loadNull());
    }
  }

  /** Constants first, then what the record of several outputs says, then the value itself. */
  private static void attributes(ClassCreator creator, FunctionMethod function) {
    boolean any =
        !function.sharedAttributes().isEmpty()
            || function.outputs().stream().anyMatch(output -> !output.attributes().isEmpty());
    if (!any) {
      return;
    }
    try (MethodCreator body =
        creator.getMethodCreator(
            "attributes",
            void.class,
            CloudEventBuilder.class,
            Object.class,
            Object.class,
            int.class)) {
      List<OutputPort> outputs = function.outputs();
      for (int i = 0; i < outputs.size(); i++) {
        BytecodeCreator match =
            body.ifIntegerEqual(body.getMethodParam(3), body.load(i)).trueBranch();
        List<AttributePort> own = outputs.get(i).attributes();
        own.stream()
            .filter(each -> each.component().isEmpty())
            .forEach(each -> attribute(match, each, match.getMethodParam(2)));
        function
            .sharedAttributes()
            .forEach(each -> attribute(match, each, match.getMethodParam(1)));
        own.stream()
            .filter(each -> each.component().isPresent())
            .forEach(each -> attribute(match, each, match.getMethodParam(2)));
        match.returnVoid();
      }
      body.returnVoid();
    }
  }

  private static void attribute(
      BytecodeCreator body, AttributePort attribute, ResultHandle carrier) {
    ResultHandle value =
        attribute
            .component()
            .map(at -> component(body, carrier, at.owner(), at.component(), at.type()))
            .orElseGet(() -> body.load(attribute.constant()));
    body.invokeStaticMethod(SET, body.getMethodParam(0), body.load(attribute.name()), value);
  }

  private static ResultHandle text(BytecodeCreator body, ResultHandle value, KeyAccess key) {
    ResultHandle component = component(body, value, key.owner(), key.component(), key.type());
    return body.invokeStaticMethod(TEXT, component, body.loadNull());
  }

  private static ResultHandle component(
      BytecodeCreator body, ResultHandle value, DotName owner, String component, Type type) {
    ResultHandle casted = body.checkCast(value, owner.toString());
    MethodDescriptor accessor =
        MethodDescriptor.ofMethod(owner.toString(), component, type.name().toString());
    return boxed(body, body.invokeVirtualMethod(accessor, casted), type);
  }

  private static ResultHandle boxed(BytecodeCreator body, ResultHandle value, Type type) {
    if (type.kind() != Type.Kind.PRIMITIVE) {
      return value;
    }
    Class<?> box = JavaNames.boxed(type);
    return body.invokeStaticMethod(
        MethodDescriptor.ofMethod(box.getName(), "valueOf", box.getName(), type.name().toString()),
        value);
  }

  private static ResultHandle unboxed(BytecodeCreator body, ResultHandle value, Type type) {
    if (type.kind() != Type.Kind.PRIMITIVE) {
      return body.checkCast(value, type.name().toString());
    }
    Class<?> box = JavaNames.boxed(type);
    return body.invokeVirtualMethod(
        MethodDescriptor.ofMethod(box.getName(), type.name() + "Value", type.name().toString()),
        body.checkCast(value, box));
  }
}
