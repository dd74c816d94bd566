package dev.koalja.runtime.deployment;

import dev.koalja.function.KebabCase;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.Trigger;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;

/**
 * Everything the code of an app says about its circuit.
 *
 * @param functions those without a problem, by class and place in it
 * @param triggers those without a problem
 * @param formats classes that read and write more formats, by content type
 * @param problems all of them
 */
record FunctionScan(
    List<FunctionMethod> functions,
    List<Trigger> triggers,
    SortedMap<String, String> formats,
    List<BuildProblem> problems) {

  /** Reads an index of an app whose settings leave JSON as it is. */
  static FunctionScan of(IndexView index) {
    return of(index, false);
  }

  /**
   * Reads an index.
   *
   * @param configured whether settings change how JSON is written
   */
  static FunctionScan of(IndexView index, boolean configured) {
    PortSchemas schemas = new PortSchemas(new JavaSchemas(index, configured));
    List<BuildProblem> problems = new ArrayList<>();
    List<FunctionMethod> functions = new ArrayList<>();
    for (AnnotationInstance annotation : sorted(index)) {
      function(index, annotation, schemas, problems).ifPresent(functions::add);
    }
    List<Trigger> triggers = new TriggerReader(index, problems).read();
    sameTask(functions, problems);
    typesMeet(functions, problems);
    oneScale(functions, problems);
    FormatReader formatReader = new FormatReader(index, problems);
    SortedMap<String, String> formats = formatReader.read();
    formatReader.check(functions, formats);
    return new FunctionScan(functions, triggers, formats, problems);
  }

  /** As they stand in the source, so that the pipeline file is stable and reads like the code. */
  private static List<AnnotationInstance> sorted(IndexView index) {
    return index.getAnnotations(Annotations.FUNCTION).stream()
        .sorted(
            Comparator.comparing(
                    (AnnotationInstance each) ->
                        each.target().asMethod().declaringClass().name().toString())
                .thenComparingInt(each -> place(each.target().asMethod())))
        .toList();
  }

  private static int place(MethodInfo method) {
    return method.declaringClass().methodsInDeclarationOrder().indexOf(method);
  }

  private static Optional<FunctionMethod> function(
      IndexView index,
      AnnotationInstance annotation,
      PortSchemas schemas,
      List<BuildProblem> problems) {
    MethodInfo method = annotation.target().asMethod();
    String where = JavaNames.method(method);
    Optional<BuildProblem> code = OutputReader.code(method);
    if (code.isPresent()) {
      // all else that is wrong follows from it
      problems.add(code.get());
      return Optional.empty();
    }
    int before = problems.size();
    callable(method, problems);
    SettingsReader settings = new SettingsReader(where, annotation, problems);
    InputReader inputReader = new InputReader(method, problems);
    List<InputPort> inputs = inputReader.read();
    Optional<StatePort> state = inputReader.state();
    Optional<Delivery.Batch> batch =
        problems.size() > before
            ? Optional.empty()
            : new BatchSettings(where, annotation, problems).read(inputs, state);
    Optional<Snapshot> snapshot =
        problems.size() > before || batch.isPresent()
            ? Optional.empty()
            : new SnapshotSettings(where, annotation, inputReader, problems)
                .read(inputs, state.isPresent());
    OutputReader.Outputs outputs = new OutputReader(index, method, problems).read();
    Optional<Scale> scale = settings.scale();
    Delivery delivery = settings.delivery(batch);
    Optional<Duration> budget = settings.coldStartBudget();
    TaskName task = new TaskName("none");
    try {
      task = new TaskName(Annotations.text(annotation, "name").orElse(KebabCase.of(method.name())));
    } catch (IllegalArgumentException e) {
      problems.add(
          new BuildProblem(
              where, String.valueOf(e.getMessage()), "Write @Function(name = \"such-a-name\")"));
    }
    if (problems.size() > before) {
      return Optional.empty();
    }
    schemas.next();
    boolean isolated =
        Annotations.value(annotation, "isolated").map(AnnotationValue::asBoolean).orElse(false);
    return Optional.of(
        new FunctionMethod(
            method,
            task,
            schemas.inputs(method, inputs),
            state,
            outputs.returned(),
            schemas.outputs(outputs.ports()),
            outputs.several(),
            outputs.sharedKey(),
            outputs.sharedAttributes(),
            isolated,
            scale,
            delivery,
            snapshot,
            budget));
  }

  /** Whether the generated invoker, which stands beside the class, can call the method. */
  private static void callable(MethodInfo method, List<BuildProblem> problems) {
    ClassInfo type = method.declaringClass();
    String reason = null;
    String mend = "";
    if (Modifier.isPrivate(method.flags())) {
      reason = "it is private, so it cannot be called without reflection";
      mend = "Remove private";
    } else if (Modifier.isStatic(method.flags())) {
      reason = "it is static, so it belongs to no bean";
      mend = "Remove static";
    } else if (type.isInterface() || Modifier.isAbstract(type.flags())) {
      reason = "its class is abstract, so there is no bean to call it on";
      mend = "Put @Function on the method of a class that can be created";
    } else if (type.nestingType() == ClassInfo.NestingType.INNER
        && !Modifier.isStatic(type.flags())) {
      reason = "its class is an inner class, which needs an outer object";
      mend = "Make the class static or top-level";
    } else if (!method.typeParameters().isEmpty()) {
      reason = "it has type parameters, so what it reads could be anything";
      mend = "Write the types out";
    }
    if (reason != null) {
      problems.add(new BuildProblem(JavaNames.method(method), reason, mend));
    }
  }

  private static void sameTask(List<FunctionMethod> functions, List<BuildProblem> problems) {
    Map<TaskName, FunctionMethod> first = new HashMap<>();
    for (FunctionMethod function : functions) {
      FunctionMethod other = first.putIfAbsent(function.task(), function);
      if (other != null) {
        problems.add(
            new BuildProblem(
                other.where() + " and " + function.where(),
                "both are the task \"%s\"".formatted(function.task()),
                "Give one of them another name, with @Function(name = \"...\")"));
      }
    }
  }

  private static void typesMeet(List<FunctionMethod> functions, List<BuildProblem> problems) {
    for (FunctionMethod writer : functions) {
      for (OutputPort output : writer.outputs()) {
        for (FunctionMethod reader : functions) {
          for (InputPort input : reader.inputs()) {
            if (input.links().contains(output.link())) {
              typesMeet(writer, output, reader, input, problems);
            }
          }
        }
      }
    }
  }

  private static void typesMeet(
      FunctionMethod writer,
      OutputPort output,
      FunctionMethod reader,
      InputPort input,
      List<BuildProblem> problems) {
    Optional<String> written = JavaNames.wireType(output.element());
    Optional<String> read = JavaNames.wireType(input.element());
    if (written.isPresent() && read.isPresent() && !written.equals(read)) {
      problems.add(
          new BuildProblem(
              writer.where() + " and " + reader.where(),
              "link \"%s\" is written as %s and read as %s"
                  .formatted(output.link(), written.get(), read.get()),
              "Make the types equal, or read it as JsonNode or CloudEvent"));
    }
  }

  /** Functions that share a process share its scale, so one of them may set it for all. */
  private static void oneScale(List<FunctionMethod> functions, List<BuildProblem> problems) {
    FunctionMethod first = null;
    for (FunctionMethod function : functions) {
      if (function.isolated() || function.scale().isEmpty()) {
        continue;
      }
      if (first == null) {
        first = function;
      } else if (!first.scale().equals(function.scale())) {
        problems.add(
            new BuildProblem(
                first.where() + " and " + function.where(),
                "they share the processes of the app but scale differently",
                "Make the scales equal, or set isolated = true on one"));
      }
    }
  }
}
