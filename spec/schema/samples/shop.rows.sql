-- Rows of the shop, in SQL that both engines take.
insert into "Artist" values (1, 'AC/DC'), (2, 'Accept'), (3, 'Aerosmith');
insert into "Album" values (1, 'For Those About To Rock', 1), (2, 'Balls to the Wall', 2), (3, 'Restless and Wild', 2);
insert into "Employee" values
  (1, 'Adams', 'Andrew', 'General Manager', null, '1962-02-18 00:00:00', 'andrew@example.com'),
  (2, 'Edwards', 'Nancy', 'Sales Manager', 1, '1958-12-08 00:00:00', 'nancy@example.com'),
  (3, 'Peacock', 'Jane', 'Sales Support Agent', 2, null, 'jane@example.com');
insert into "Customer" values
  (1, 'Luís', 'Gonçalves', 'Brazil', 'luis@example.com', 3),
  (2, 'Leonie', 'Köhler', 'Germany', 'leonie@example.com', 3),
  (3, 'François', 'Tremblay', 'Canada', 'francois@example.com', null);
insert into "Genre" values (1, 'Rock'), (2, 'Metal');
insert into "MediaType" values (1, 'MPEG audio file');
insert into "Track" values
  (1, 'For Those About To Rock', 1, 1, 1, 'Young, Young, Johnson', 343719, 11170334, 0.99),
  (2, 'Balls to the Wall', 2, 1, 2, null, 342562, 5510424, 0.99),
  (3, 'Fast As a Shark', 3, 1, 2, 'F. Baltes', 230619, 3990994, 1.25),
  (4, 'Princess of the Dawn', 3, 1, null, 'Deaffy', 375418, 6290521, 1.25);
insert into "Playlist" values (1, 'Music'), (2, 'Slow'), (3, 'Empty');
insert into "PlaylistTrack" values (1, 1), (1, 2), (1, 3), (2, 4);
insert into "Invoice" values
  (1, 1, '2009-01-01 00:00:00', 'Brazil', 1.98),
  (2, 2, '2009-01-02 00:00:00', 'Germany', 2.5),
  (3, 2, '2009-02-11 00:00:00', 'Germany', 0.99);
insert into "InvoiceLine" values (1, 1, 1, 0.99, 1), (2, 1, 2, 0.99, 1), (3, 2, 3, 1.25, 2), (4, 3, 1, 0.99, 1);
