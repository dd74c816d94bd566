package registration;

import dev.koalja.function.Attribute;
import dev.koalja.function.Key;
import java.util.List;

/** Somebody who has registered; what happens to one member happens in order. */
record Member(@Key String mail, @Attribute("subject") String name, List<String> interests) {}
