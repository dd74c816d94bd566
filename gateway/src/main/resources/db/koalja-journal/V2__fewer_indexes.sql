-- Each index costs at every record: few invocations are cold starts, and old ones go by seq.
drop index invocation_cold;
drop index invocation_ended;
