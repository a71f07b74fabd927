-- A library that lends films, in the structure of the Pagila sample database.
create type mpaa_rating as enum ('G', 'PG', 'PG-13', 'R', 'NC-17');
create domain year as integer check (value >= 1901 and value <= 2155);
create sequence actor_actor_id_seq;
create table country (
  country_id serial primary key,
  country text not null,
  last_update timestamptz not null default now()
);
create table city (
  city_id serial primary key,
  city text not null,
  country_id integer not null references country (country_id) on update cascade on delete restrict,
  last_update timestamptz not null default now()
);
create table address (
  address_id serial primary key,
  address text not null,
  address2 text,
  district text not null,
  city_id integer not null references city (city_id) on update cascade on delete restrict,
  postal_code text,
  phone text not null,
  last_update timestamptz not null default now()
);
create table language (
  language_id serial primary key,
  name character(20) not null,
  last_update timestamptz not null default now()
);
create table actor (
  actor_id integer primary key default nextval('actor_actor_id_seq'),
  first_name text not null,
  last_name text not null,
  last_update timestamptz not null default now()
);
create table category (
  category_id serial primary key,
  name text not null,
  last_update timestamptz not null default now()
);
create table film (
  film_id serial primary key,
  title text not null,
  description text,
  release_year year,
  language_id integer not null references language (language_id) on update cascade on delete restrict,
  original_language_id integer references language (language_id) on update cascade on delete restrict,
  rental_duration smallint not null default 3,
  rental_rate numeric(4,2) not null default 4.99,
  length smallint,
  rating mpaa_rating default 'G',
  special_features text[],
  fulltext tsvector,
  last_update timestamptz not null default now()
);
create table film_actor (
  actor_id integer not null references actor (actor_id) on update cascade on delete restrict,
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  last_update timestamptz not null default now(),
  primary key (actor_id, film_id)
);
create table film_category (
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  category_id integer not null references category (category_id) on update cascade on delete restrict,
  last_update timestamptz not null default now(),
  primary key (film_id, category_id)
);
create table store (
  store_id serial primary key,
  manager_staff_id integer not null,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  last_update timestamptz not null default now()
);
create table staff (
  staff_id serial primary key,
  first_name text not null,
  last_name text not null,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  email text,
  store_id integer not null references store (store_id),
  active boolean not null default true,
  username text not null,
  password text,
  picture bytea,
  last_update timestamptz not null default now()
);
alter table store add constraint store_manager_staff_id_fkey
  foreign key (manager_staff_id) references staff (staff_id) on update cascade on delete restrict
  deferrable initially deferred;
create table customer (
  customer_id serial primary key,
  store_id integer not null references store (store_id) on update cascade on delete restrict,
  first_name text not null,
  last_name text not null,
  email text,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  activebool boolean not null default true,
  create_date date not null default current_date,
  last_update timestamptz not null default now(),
  active integer
);
create table inventory (
  inventory_id serial primary key,
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  store_id integer not null references store (store_id) on update cascade on delete restrict,
  last_update timestamptz not null default now()
);
create table rental (
  rental_id serial primary key,
  rental_date timestamptz not null,
  inventory_id integer not null references inventory (inventory_id) on update cascade on delete restrict,
  customer_id integer not null references customer (customer_id) on update cascade on delete restrict,
  return_date timestamptz,
  staff_id integer not null references staff (staff_id) on update cascade on delete restrict,
  last_update timestamptz not null default now()
);
create table payment (
  payment_id serial primary key,
  customer_id integer not null references customer (customer_id) on update cascade on delete restrict,
  staff_id integer not null references staff (staff_id) on update cascade on delete restrict,
  rental_id integer references rental (rental_id) on update cascade on delete set null,
  amount numeric(5,2) not null,
  payment_date timestamptz not null
);
create index film_fulltext_idx on film using gist (fulltext);
create index idx_actor_last_name on actor (last_name);
create index idx_fk_language_id on film (language_id);
create index idx_last_name on customer (last_name);
create unique index idx_unq_manager_staff_id on store (manager_staff_id);
create unique index idx_unq_rental on rental (rental_date, inventory_id, customer_id);
create index idx_title on film (lower(title));
create view customer_list as select customer_id as id, first_name || ' ' || last_name as name from customer;
