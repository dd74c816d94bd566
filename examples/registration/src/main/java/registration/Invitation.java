package registration;

import jakarta.validation.constraints.NotEmpty;
import java.util.List;

/** To whom, and to talk of what: nobody is invited to nothing. */
record Invitation(String name, @NotEmpty List<String> topics) {}
