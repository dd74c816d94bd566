package registration;

import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import jakarta.validation.Valid;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Takes members in. */
class Registrations {
  /** A form that breaks a rule of {@link Registration} never gets here: it is a dead letter. */
  @Function
  @Output("member")
  Event<Member> register(
      @Input("registration") Event<@Valid Registration> form, FunctionContext context) {
    Registration filledIn = form.data();
    context.logger().log(Level.INFO, "a member of age {0}", filledIn.age());
    List<String> interests = filledIn.interest() == null ? List.of() : filledIn.interest();
    return form.with(new Member(filledIn.mail(), filledIn.name(), interests))
        .type("com.example.registered")
        .extension("channel", form.attribute("channel").orElse("web"));
  }

  /** What it returns is checked as well. */
  @Function
  @Output("invitation")
  @Valid
  Invitation invite(@Input("member") Member member) {
    return new Invitation(member.name(), member.interests());
  }

  /** A line for each member, in a format of the app's own, from a client that answers later. */
  @Function
  @Output(value = "line", contentType = "text/csv", attributes = "channel=export")
  CompletionStage<Member> export(@Input("member") Member member) {
    return CompletableFuture.supplyAsync(() -> member);
  }
}
