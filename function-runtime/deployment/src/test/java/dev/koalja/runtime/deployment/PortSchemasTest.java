package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.Index;
import org.jboss.jandex.Indexer;
import org.junit.jupiter.api.Test;

/** What an app says of its data stops where a pipeline could not be kept any more. */
class PortSchemasTest {
  private static final int KIB = 1024;

  /** A schema of nearly the 64 KiB that one may have. */
  private static final int WORDS = 2_100;

  /** Its words are those of {@link #largeEnum}: nobody wants to read them here. */
  enum Large {}

  record Parts(
      @Output("a") Large a,
      @Output("b") Large b,
      @Output("c") Large c,
      @Output("d") Large d,
      @Output("e") Large e) {}

  static class Many {
    @Function
    Parts first(@Input("in") String text) {
      throw new IllegalStateException(text);
    }

    @Function
    Parts second(@Input("in") String text) {
      throw new IllegalStateException(text);
    }

    @Function
    Parts third(@Input("in") String text) {
      throw new IllegalStateException(text);
    }

    @Function
    Parts fourth(@Input("in") String text) {
      throw new IllegalStateException(text);
    }

    @Function
    Parts fifth(@Input("in") String text) {
      throw new IllegalStateException(text);
    }

    @Function
    @Output("length")
    int sixth(@Input("in") String text) {
      return text.length();
    }
  }

  static class Merging {
    @Function
    void four(
        @Input(
                value = "in",
                merge = {"b", "c", "d"})
            Large large) {}

    @Function
    void five(
        @Input(
                value = "in",
                merge = {"b", "c", "d", "e"})
            Large large) {}
  }

  private static byte[] largeEnum() {
    ClassDesc name = ClassDesc.of(Large.class.getName());
    return ClassFile.of()
        .build(
            name,
            type -> {
              type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_ENUM)
                  .withSuperclass(ClassDesc.of("java.lang.Enum"));
              for (int word = 0; word < WORDS; word++) {
                type.withField(
                    "A_WORD_OF_A_LARGE_ENUM_%04d".formatted(word),
                    name,
                    ClassFile.ACC_PUBLIC
                        | ClassFile.ACC_STATIC
                        | ClassFile.ACC_FINAL
                        | ClassFile.ACC_ENUM);
              }
            });
  }

  private static String yaml(Class<?>... classes) throws IOException {
    Indexer indexer = new Indexer();
    indexer.index(new ByteArrayInputStream(largeEnum()));
    for (Class<?> each : classes) {
      indexer.indexClass(each);
    }
    Index index = indexer.complete();
    InferredPipeline inferred =
        InferredPipeline.of("large", FunctionScan.of(index), Optional.empty());
    assertThat(inferred.problems()).isEmpty();
    return inferred.yaml();
  }

  private static Pipeline read(String yaml) {
    return PipelineReader.read(new PipelineReader.Source("code", yaml));
  }

  private static List<Integer> sizes(List<Optional<DataSchema>> schemas) {
    return schemas.stream()
        .map(schema -> schema.map(each -> each.json().length()).orElse(0))
        .toList();
  }

  private static List<Integer> outputs(Pipeline pipeline, String task) {
    return sizes(
        pipeline.task(task).orElseThrow().outputs().stream().map(each -> each.schema()).toList());
  }

  @Test
  void shouldKeepATaskBelow256KiBAndAnAppBelow1MiB() throws Exception {
    String yaml = yaml(Many.class, Parts.class);
    Pipeline pipeline = read(yaml);

    int size = outputs(pipeline, "first").getFirst();
    assertThat(size).isBetween(60 * KIB, 64 * KIB);
    // the fifth would be too much for its task, the seventeenth for the app
    for (String task : List.of("first", "second", "third", "fourth")) {
      assertThat(outputs(pipeline, task)).as(task).containsExactly(size, size, size, size, 0);
    }
    assertThat(outputs(pipeline, "fifth").stream().mapToInt(each -> each).sum())
        .as("fifth")
        .isLessThanOrEqualTo(1024 * KIB - 16 * size);
    assertThat(outputs(pipeline, "sixth")).as("what is small fits in").allMatch(each -> each > 0);
    assertThat(yaml.getBytes(StandardCharsets.UTF_8).length).isLessThan(1100 * KIB);
  }

  @Test
  void shouldCountASchemaOnceForEachLinkThatIsMerged() throws Exception {
    Pipeline pipeline = read(yaml(Merging.class));

    assertThat(inputs(pipeline, "four")).hasSize(4).allMatch(size -> size > 60 * KIB);
    assertThat(inputs(pipeline, "five")).hasSize(5).allMatch(size -> size == 0);
  }

  private static List<Integer> inputs(Pipeline pipeline, String task) {
    return sizes(
        pipeline.task(task).orElseThrow().inputs().stream().map(each -> each.schema()).toList());
  }
}
