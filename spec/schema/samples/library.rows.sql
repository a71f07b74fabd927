-- Rows of the library, in SQL that both engines take; to be run in one transaction, as stores and staff refer to each other.
insert into country (country_id, country) values (1, 'Canada'), (2, 'Australia');
insert into city (city_id, city, country_id) values (1, 'Lethbridge', 1), (2, 'Woodridge', 2);
insert into address (address_id, address, district, city_id, phone) values
  (1, '47 MySakila Drive', 'Alberta', 1, ''),
  (2, '28 MySQL Boulevard', 'QLD', 2, ''),
  (3, '1913 Hanoi Way', 'Nagasaki', 2, '28303384290');
insert into language (language_id, name) values (1, 'English'), (2, 'Italian');
insert into actor (actor_id, first_name, last_name) values
  (1, 'PENELOPE', 'GUINESS'), (2, 'NICK', 'WAHLBERG'), (3, 'ED', 'CHASE');
insert into category (category_id, name) values (1, 'Action'), (2, 'Documentary');
insert into film (title, release_year, language_id, original_language_id, rental_rate, length, rating) values
  ('ACADEMY DINOSAUR', 2006, 1, null, 0.99, 86, 'PG'),
  ('ACE GOLDFINGER', 2006, 1, 2, 4.99, 48, 'G'),
  ('ADAPTATION HOLES', 2005, 1, 2, 2.99, 50, 'NC-17');
insert into film_actor (actor_id, film_id) values (1, 1), (2, 1), (2, 3), (3, 3);
insert into film_category (film_id, category_id) values (1, 2), (2, 1), (3, 2);
insert into store (store_id, manager_staff_id, address_id) values (1, 1, 1), (2, 2, 2);
insert into staff (staff_id, first_name, last_name, address_id, store_id, username) values
  (1, 'Mike', 'Hillyer', 1, 1, 'Mike'), (2, 'Jon', 'Stephens', 2, 2, 'Jon');
insert into customer (customer_id, store_id, first_name, last_name, address_id, create_date) values
  (1, 1, 'MARY', 'SMITH', 3, '2006-02-14'), (2, 2, 'PATRICIA', 'JOHNSON', 3, '2006-02-14');
insert into inventory (inventory_id, film_id, store_id) values (1, 1, 1), (2, 1, 2), (3, 3, 1);
insert into rental (rental_id, rental_date, inventory_id, customer_id, return_date, staff_id) values
  (1, '2005-05-24T22:53:30.000Z', 1, 1, '2005-05-26T22:04:30.000Z', 1),
  (2, '2005-05-24T22:54:33.000Z', 3, 2, null, 1);
insert into payment (payment_id, customer_id, staff_id, rental_id, amount, payment_date) values
  (1, 1, 1, 1, 2.99, '2005-05-25T11:30:37.000Z'), (2, 2, 2, null, 0.99, '2005-05-28T10:35:23.000Z');
