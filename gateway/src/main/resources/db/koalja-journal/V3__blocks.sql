-- Invocations by number only, what is looked up in blocks of them, and nothing said twice: the record
-- itself says what the columns of event said. Journals are read again from the beginning, as
-- everything here comes from Kafka; letters and their notes stay.
drop table event;
drop table invocation;
delete from place where topic like 'koalja-journal.%';

-- Records below seen_offset may be known already: they are looked up before they are written.
alter table place add column seen_offset bigint default 0 not null;
update place set seen_offset = next_offset;

-- where the next invocation goes: one row
create table head (
  next_seq      bigint not null,
  next_sighting int    not null,
  block_until   bigint not null
);
insert into head values (8192, 0, 0);

-- blocks of invocations that are kept; block = seq / 8192
create table block (
  number bigint not null primary key
);

-- body is the journal record, as it stands in Kafka; ended_at in milliseconds
create table invocation (
  seq      bigint      not null primary key,
  pipeline varchar(63) not null,
  task     varchar(63) not null,
  ended_at bigint      not null,
  body     varbinary   not null
);

-- Which invocations an id occurs in. place = block, 18 bits of the id's hash, and a number within the
-- block: what is written together stands together, whatever ids look like.
create table sighting (
  place bigint  not null primary key,
  seq   bigint  not null,
  id    varchar not null
);

-- how many invocations of a block ended how
create table tally (
  block       bigint      not null,
  pipeline    varchar(63) not null,
  task        varchar(63) not null,
  outcome     varchar(20) not null,
  invocations bigint      not null,
  primary key (pipeline, task, outcome, block)
);

create table cold_start (
  seq      bigint      not null primary key,
  pipeline varchar(63) not null,
  task     varchar(63) not null,
  millis   bigint      not null
);
