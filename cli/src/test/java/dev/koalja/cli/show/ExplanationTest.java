package dev.koalja.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.show.Explanation.RouterView;
import dev.koalja.pipeline.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplanationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:04:12Z");
  private static final String ANN =
      "[{pipeline:shop,task:ship,key:ann,missing:[stock],since:'2026-01-01T00:00:00Z',"
          + "inputs:[{input:priced,have:1,of:1,oldest:[{id:K,source:s}]}]}]";
  private static final String MANY =
      "[{pipeline:shop,task:ship,key:ann,missing:[stock],since:'2026-01-01T00:00:00Z',"
          + "inputs:[{input:priced,have:11,of:1,oldest:[{id:A,source:s}]}]}]";

  private final Screen pipe =
      new Screen(
          new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
          new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
          false,
          false,
          120);

  /** JSON without its quotes, so that tables can be read. */
  private static JsonNode json(String loose) {
    try {
      return com.fasterxml.jackson.databind.json.JsonMapper.builder()
          .enable(com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .enable(com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .build()
          .readTree(loose.replaceAll("([:\\[,])([a-zA-Z][a-zA-Z._]*)(?=[,}\\]])", "$1'$2'"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(loose, e);
    }
  }

  private static final String AT = "pipeline:shop,task:ship,input:priced,port:priced,link:priced";
  private static final String BEFORE = "place:{offset:7},position:3";
  private static final String REACHED = "place:{offset:7},position:7";
  private static final String BEHIND = "place:{offset:7},position:8";
  private static final String JOIN = "snapshot:{arrivalsLag:0,readyLag:0},key:ann";

  private static String expanded(String text) {
    return text.replace("AT", AT)
        .replace("BEFORE", BEFORE)
        .replace("REACHED", REACHED)
        .replace("BEHIND", BEHIND)
        .replace("JOIN", JOIN)
        .replace("ANN", ANN)
        .replace("MANY", MANY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          # reader                                                            | snapshots | readers | outcome | text
          AT,attempts:5,invocations:[{outcome:SUCCEEDED,attempts:[{}]}]       | [] | [] | delivered | attempt 1 of 5
          AT,attempts:5,invocations:[{outcome:SUCCEEDED,attempts:[{error:{cause:'no ink'}},{error:{cause:'no ink'}},{}]}] | [] | [] | delivered | attempt 3 of 5 (2 × no ink)
          AT,JOIN,invocations:[{outcome:SUCCEEDED,attempts:[{}]},{outcome:SUCCEEDED,attempts:[{}]}] | ANN | [] | delivered | 2 times, last attempt 1
          AT,invocations:[{outcome:FILTERED,error:{cause:'x did not hold'}}]  | [] | [] | filtered | x did not hold
          AT,invocations:[{outcome:EXPIRED,error:{cause:'waited 1 h'}}]       | [] | [] | expired | waited 1 h
          AT,invocations:[{outcome:QUARANTINED,error:{cause:'no CloudEvent'}}] | [] | [] | quarantined | no CloudEvent
          AT,attempts:2,invocations:[{outcome:DEAD_LETTERED,attempts:[{error:{cause:bad}},{error:{cause:bad}}],error:{cause:bad}}] | [] | [] | dead-lettered | attempt 2 of 2 (2 × bad): bad
          AT,invocations:[{outcome:DEAD_LETTERED,attempts:[],error:{cause:late}}],letters:[{state:deleted}] | [] | [] | dead-lettered | late; closed by hand
          AT,invocations:[{outcome:DEAD_LETTERED,attempts:[],error:{cause:bad}}],letters:[{state:retried}] | [] | [] | retrying | sent back to ship, no end of it yet; before that: bad
          AT,JOIN,invocations:[{outcome:DEAD_LETTERED,attempts:[],error:{cause:bad}}],letters:[{state:retried}] | ANN | [] | waiting | has priced K, misses stock for key ann, 4 m 12 s
          AT,BEFORE,invocations:[]                                            | [] | [] | queued | up to 4 before it
          AT,REACHED,invocations:[]                                           | [] | [] | queued | the next of its partition
          AT,REACHED,invocations:[]                                           | [] | [{pipeline:shop,task:ship,input:priced,state:running,inFlight:1}] | queued | being processed
          AT,REACHED,invocations:[]                                           | [] | [{pipeline:shop,task:ship,input:priced,state:running,retrying:1,buffered:3}] | retrying | it failed, and will be tried again
          AT,BEFORE,invocations:[]                                            | [] | [{pipeline:shop,task:ship,input:priced,state:running,retrying:1,buffered:3}] | queued | up to 4 before it
          AT,BEFORE,invocations:[]                                            | [] | [{pipeline:shop,task:ship,input:priced,state:held,reason:'no position'}] | queued | up to 4 before it; ship is held: no position
          AT,JOIN,BEHIND,invocations:[]                                       | ANN | [] | waiting | has priced K, misses stock for key ann, 4 m 12 s
          AT,JOIN,BEHIND,invocations:[]                                       | MANY | [] | waiting | has priced A and 10 more, misses stock for key ann, 4 m 12 s
          AT,JOIN,BEFORE,invocations:[]                                       | MANY | [] | queued | up to 4 before it
          AT,JOIN,BEHIND,invocations:[]                                       | [] | [{pipeline:shop,task:ship,input:arrivals,lag:2}] | queued | taken in, not put together with others yet
          AT,JOIN,BEHIND,invocations:[]                                       | [] | [{pipeline:shop,task:ship,input:snapshot,retrying:1,buffered:1}] | retrying | its snapshot failed, and will be tried again
          AT,JOIN,BEHIND,invocations:[]                                       | [] | [{pipeline:shop,task:ship,input:snapshot,buffered:1}] | queued | in a snapshot that ship has not finished yet
          AT,JOIN,BEHIND,invocations:[]                                       | [] | [] | unknown | ship took it in; it waits no more, and the journal has nothing of it
          AT,JOIN,BEHIND,invocations:[]                                       | null | [] | unknown | ship took it in; what it waits for only the router knows, which does not answer here
          AT,BEHIND,invocations:[]                                            | [] | [] | unknown | ship is beyond it, and the journal has nothing of it: too long ago, or before ship began
          AT,place:{offset:7},invocations:[]                                  | [] | [] | unknown | ship has no position there
          AT,invocations:[]                                                   | [] | [] | unknown | no record of it in the journal, and it is none of the last events on priced
          """)
  void shouldComeToOneOfAClosedSetOfOutcomes(
      String reader, String snapshots, String readers, String outcome, String text) {
    RouterView router =
        snapshots.equals("null")
            ? RouterView.NONE
            : new RouterView(json(expanded(snapshots)), json(readers), true);
    Explanation explanation =
        Explanation.of(
            json("{id:'K',source:'s'}"),
            json("{" + expanded(reader) + "}"),
            router,
            ShortIds.of(pipe),
            NOW);
    assertThat(explanation.outcome().word()).isEqualTo(outcome);
    assertThat(explanation.text()).isEqualTo(text);
  }

  @Test
  void shouldShowEveryReaderAndWhatCameOfIt() throws Exception {
    JsonNode answer =
        Json.MAPPER.readTree(
            """
            {"event":{"id":"K","source":"s","link":"order","origin":"POST /events/order"},
             "readers":[
               {"pipeline":"shop","task":"price","input":"order","port":"order","link":"order","attempts":5,
                "invocations":[{"outcome":"SUCCEEDED","attempts":[{}],"outputs":[{"id":"M","link":"priced"}]}]},
               {"pipeline":"shop","task":"audit","input":"order","port":"order","link":"order",
                "invocations":[{"outcome":"FILTERED","error":{"cause":"type = \\"x\\" did not hold"}}]}],
             "followed":[
               {"event":{"id":"M","source":"p","link":"priced"},"madeBy":{"task":"price","revision":2},
                "readers":[{"pipeline":"shop","task":"ship","input":"priced","port":"priced","link":"priced",
                            "key":"ann","snapshot":{},"place":{"offset":7},"position":8,"invocations":[]}]}],
             "cut":false}""");
    RouterView router =
        new RouterView(json(ANN.replace("id:K,source:s", "id:M,source:p")), json("[]"), true);

    assertThat(ExplainText.lines(pipe, answer, router, NOW))
        .containsExactly(
            "K on order, from POST /events/order",
            "  price  delivered  attempt 1 of 5  M on priced",
            "  audit  filtered   type = \"x\" did not hold",
            "M on priced, by price@2",
            "  ship  waiting  has priced M, misses stock for key ann, 4 m 12 s");
  }
}
