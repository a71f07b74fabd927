-- A library that lends films, in the structure of the Sakila sample database for SQLite.
create table country (
  country_id integer primary key,
  country text not null,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table city (
  city_id integer primary key,
  city text not null,
  country_id integer not null references country (country_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table address (
  address_id integer primary key,
  address text not null,
  address2 text,
  district text not null,
  city_id integer not null references city (city_id) on update cascade on delete restrict,
  postal_code text,
  phone text not null,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table language (
  language_id integer primary key,
  name char(20) not null,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table actor (
  actor_id integer primary key,
  first_name text not null,
  last_name text not null,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table category (
  category_id integer primary key,
  name text not null,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table film (
  film_id integer primary key,
  title text not null,
  description text,
  release_year integer check (release_year >= 1901 and release_year <= 2155),
  language_id integer not null references language (language_id) on update cascade on delete restrict,
  original_language_id integer references language (language_id) on update cascade on delete restrict,
  rental_duration smallint not null default 3,
  rental_rate decimal(4,2) not null default 4.99,
  length smallint,
  rating varchar(10) default 'G' check (rating in ('G', 'PG', 'PG-13', 'R', 'NC-17')),
  special_features text,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table film_actor (
  actor_id integer not null references actor (actor_id) on update cascade on delete restrict,
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  primary key (actor_id, film_id)
);
create table film_category (
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  category_id integer not null references category (category_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  primary key (film_id, category_id)
);
create table store (
  store_id integer primary key,
  manager_staff_id integer not null references staff (staff_id) on update cascade on delete restrict
    deferrable initially deferred,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table staff (
  staff_id integer primary key,
  first_name text not null,
  last_name text not null,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  email text,
  store_id integer not null references store (store_id),
  active boolean not null default true,
  username text not null,
  password text,
  picture blob,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table customer (
  customer_id integer primary key,
  store_id integer not null references store (store_id) on update cascade on delete restrict,
  first_name text not null,
  last_name text not null,
  email text,
  address_id integer not null references address (address_id) on update cascade on delete restrict,
  activebool boolean not null default true,
  create_date date not null default current_date,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  active integer
);
create table inventory (
  inventory_id integer primary key,
  film_id integer not null references film (film_id) on update cascade on delete restrict,
  store_id integer not null references store (store_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table rental (
  rental_id integer primary key,
  rental_date timestamp not null,
  inventory_id integer not null references inventory (inventory_id) on update cascade on delete restrict,
  customer_id integer not null references customer (customer_id) on update cascade on delete restrict,
  return_date timestamp,
  staff_id integer not null references staff (staff_id) on update cascade on delete restrict,
  last_update timestamp not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table payment (
  payment_id integer primary key,
  customer_id integer not null references customer (customer_id) on update cascade on delete restrict,
  staff_id integer not null references staff (staff_id) on update cascade on delete restrict,
  rental_id integer references rental (rental_id) on update cascade on delete set null,
  amount decimal(5,2) not null,
  payment_date timestamp not null
);
create index idx_actor_last_name on actor (last_name);
create index idx_fk_language_id on film (language_id);
create index idx_last_name on customer (last_name);
create unique index idx_unq_manager_staff_id on store (manager_staff_id);
create unique index idx_unq_rental on rental (rental_date, inventory_id, customer_id);
create index idx_title on film (lower(title));
create view customer_list as select customer_id as id, first_name || ' ' || last_name as name from customer;
