-- The index of journals, dead letters and quarantined records. Every row comes from a record in
-- Kafka and is written again unchanged when that record is read again.

-- whose Kafka this is an index of
create table cluster (
  id varchar(200) not null primary key
);

-- the next offset to index, written in the transaction of the rows
create table place (
  topic       varchar(255) not null,
  part        int          not null,
  next_offset bigint       not null,
  primary key (topic, part)
);

create table invocation (
  seq           bigint generated always as identity primary key,
  pipeline      varchar(63) not null,
  invocation    varchar(64) not null,
  task          varchar(63) not null,
  outcome       varchar(20) not null,
  cold_start_ms bigint,
  ended_at      timestamp(3) with time zone not null,
  body          varchar     not null,
  constraint invocation_once unique (pipeline, invocation)
);
create index invocation_of_task on invocation (pipeline, task, outcome);
create index invocation_cold on invocation (pipeline, task, cold_start_ms);
create index invocation_ended on invocation (ended_at);

-- the events an invocation was given ("in") and made ("out")
create table event (
  id            varchar     not null,
  source        varchar     not null,
  direction     varchar(3)  not null,
  pipeline      varchar(63) not null,
  invocation    varchar(64) not null,
  pos           int         not null,
  type          varchar     not null,
  link          varchar(63) not null,
  topic         varchar(255) not null,
  part          int,
  record_offset bigint,
  event_key     varchar,
  size          bigint      not null,
  sha256        varchar(64),
  primary key (pipeline, invocation, direction, pos)
);
create index event_by_id on event (id, source, direction);

create table letter (
  topic         varchar(255) not null,
  part          int          not null,
  record_offset bigint       not null,
  kind          varchar(11)  not null,
  pipeline      varchar(63)  not null,
  task          varchar(63)  not null,
  input         varchar(63)  not null,
  cause         varchar      not null,
  code          varchar      not null,
  attempts      int          not null,
  at            timestamp(3) with time zone not null,
  id            varchar      not null,
  source        varchar      not null,
  type          varchar      not null,
  event_key     varchar,
  primary key (topic, part, record_offset)
);
create index letter_of_task on letter (pipeline, task);

-- what was done to a letter; a letter without a note is open
create table letter_note (
  topic         varchar(255) not null,
  part          int          not null,
  record_offset bigint       not null,
  action        varchar(10)  not null,
  at            timestamp(3) with time zone not null,
  primary key (topic, part, record_offset)
);
