package dev.koalja.runtime.deployment;

import dev.koalja.function.FunctionContext;
import dev.koalja.runtime.registry.FunctionInvoker;
import io.quarkus.gizmo.BytecodeCreator;
import io.quarkus.gizmo.ClassCreator;
import io.quarkus.gizmo.ClassOutput;
import io.quarkus.gizmo.MethodCreator;
import io.quarkus.gizmo.MethodDescriptor;
import io.quarkus.gizmo.ResultHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
              : boxed(body, returned, method.returnType()));
    }
  }

  private static void output(ClassCreator creator, FunctionMethod function) {
    DotName owner = function.method().returnType().name();
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
