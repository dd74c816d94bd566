package dev.koalja.cli.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.TaskReference;
import dev.koalja.pipeline.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskDescriptionTest {
  private static final String TASKS =
      """
      [{"pipeline":"shop","task":"price","app":"shop","inputs":[{"name":"order","link":"order"}],
        "outputs":[{"name":"result","link":"priced"}],"lag":2,"done":41,"failed":0,"deadLetters":1},
       {"pipeline":"shop","task":"ship","app":"ware","inputs":[],"outputs":[]},
       {"pipeline":"other","task":"ship","app":"filter","inputs":[],"outputs":[]}]""";
  private static final String READERS =
      """
      [{"pipeline":"shop","task":"price","link":"order","state":"held","reason":"no position"},
       {"pipeline":"shop","task":"ship","link":"priced","state":"running"}]""";
  private static final String APPS =
      """
      [{"pipeline":"shop","app":"shop","tasks":["price"],"coldStarts":3,"usefulStarts":2,
        "wastedStarts":1,"prewarmPaused":false,"crashes":1,"coldStartP50Ms":163,
        "instances":[{"pid":3127,"state":"ready"}],
        "lastStartMs":{"decide":0.4,"spawn":1.2,"jvm":60.1,"app":80.0,"ready":9.9},
        "medianStartMs":{"decide":0.3,"spawn":1.1,"jvm":61.0,"app":81.0,"ready":10.0,"reply":12.3},
        "measuredStart":{"ratio":2.5,"onReferenceMs":150.4,"budgetMs":{"price":200}},
        "withoutCache":"a.jar changed"},
       {"pipeline":"shop","app":"ware","tasks":["ship"],"coldStarts":0,"usefulStarts":0,
        "wastedStarts":3,"prewarmPaused":true,"crashes":0,"instances":[]}]""";

  private static TaskDescription of(String task) throws Exception {
    JsonNode tasks = Json.MAPPER.readTree(TASKS);
    return new TaskDescription(
        TaskReference.find(tasks, task), Json.MAPPER.readTree(APPS), Json.MAPPER.readTree(READERS));
  }

  @Test
  void shouldSayHowTheProcessesOfATaskStart() throws Exception {
    assertThat(of("price").lines())
        .containsExactly(
            "shop/price  app shop, process 3127 ready",
            "reads    order",
            "writes   priced",
            "events   41 done, 0 failed, 1 dead-lettered, 2 waiting",
            "reader   held on order: no position",
            "starts   3 from zero, 1 crash; ahead of need 2 useful, 1 wasted",
            "cache    not used: a.jar changed",
            "budget   200 ms for a cold start, kept: 150 ms on the reference machine, 2.50 × its program, as measured by the build",
            "PHASE        LAST    MEDIAN",
            "decide       0.4 ms  0.3 ms  until the system is asked for a process",
            "spawn        1.2 ms  1.1 ms  until there is one",
            "jvm          60 ms   61 ms   until the app's code begins",
            "app          80 ms   81 ms   until it listens",
            "ready        9.9 ms  10 ms   until it says that it is ready",
            "ready after  152 ms  163 ms",
            "reply        –       12 ms   the first event, until its answer");
  }

  @Test
  void shouldSayWhyNothingIsStartedAhead() throws Exception {
    assertThat(of("shop/ship").lines())
        .contains(
            "shop/ship  app ware, at zero",
            "starts   0 from zero, 0 crashes; ahead of need 0 useful, 3 wasted: the last ones were all wasted, so no more until an event comes");
  }

  @Test
  void shouldDescribeATaskThatIsNoProcess() throws Exception {
    List<String> lines = of("other/ship").lines();
    assertThat(lines.getFirst()).isEqualTo("other/ship  filter");
    assertThat(lines).hasSize(4);
    assertThat(of("other/ship").json().has("app")).isFalse();
  }

  @Test
  void shouldFindATaskByItsNameAndSayWhatIsMeant() {
    assertThatThrownBy(() -> of("prize"))
        .hasMessageContaining("no task is called \"prize\": did you mean \"price\"?");
    assertThatThrownBy(() -> of("ship")).hasMessageContaining("write shop/ship or other/ship");
  }
}
