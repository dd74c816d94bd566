package registration;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.rest.client.annotation.ClientHeaderParam;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** Another service, which knows where people live and wants a token. */
@RegisterRestClient(configKey = "directory")
@Path("/people")
@ClientHeaderParam(name = "Authorization", value = "Bearer ${directory.token}")
interface Directory {
  @GET
  @Path("/{mail}")
  Person find(@PathParam("mail") String mail);

  /** What it says of somebody. */
  record Person(String town) {}
}
