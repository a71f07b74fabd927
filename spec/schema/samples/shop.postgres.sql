-- A shop for music, in the structure of the Chinook sample database.
create table "Artist" (
  "ArtistId" integer not null,
  "Name" varchar(120),
  constraint "PK_Artist" primary key ("ArtistId")
);
create table "Album" (
  "AlbumId" integer not null,
  "Title" varchar(160) not null,
  "ArtistId" integer not null,
  constraint "PK_Album" primary key ("AlbumId"),
  foreign key ("ArtistId") references "Artist" ("ArtistId") on delete no action on update no action
);
create table "Employee" (
  "EmployeeId" integer not null,
  "LastName" varchar(20) not null,
  "FirstName" varchar(20) not null,
  "Title" varchar(30),
  "ReportsTo" integer,
  "BirthDate" timestamp,
  "Email" varchar(60),
  constraint "PK_Employee" primary key ("EmployeeId"),
  foreign key ("ReportsTo") references "Employee" ("EmployeeId") on delete no action on update no action
);
create table "Customer" (
  "CustomerId" integer not null,
  "FirstName" varchar(40) not null,
  "LastName" varchar(20) not null,
  "Country" varchar(40),
  "Email" varchar(60) not null,
  "SupportRepId" integer,
  constraint "PK_Customer" primary key ("CustomerId"),
  foreign key ("SupportRepId") references "Employee" ("EmployeeId") on delete no action on update no action
);
create table "Genre" (
  "GenreId" integer not null,
  "Name" varchar(120),
  constraint "PK_Genre" primary key ("GenreId")
);
create table "MediaType" (
  "MediaTypeId" integer not null,
  "Name" varchar(120),
  constraint "PK_MediaType" primary key ("MediaTypeId")
);
create table "Track" (
  "TrackId" integer not null,
  "Name" varchar(200) not null,
  "AlbumId" integer,
  "MediaTypeId" integer not null,
  "GenreId" integer,
  "Composer" varchar(220),
  "Milliseconds" integer not null,
  "Bytes" integer,
  "UnitPrice" numeric(10,2) not null,
  constraint "PK_Track" primary key ("TrackId"),
  foreign key ("AlbumId") references "Album" ("AlbumId") on delete no action on update no action,
  foreign key ("GenreId") references "Genre" ("GenreId") on delete no action on update no action,
  foreign key ("MediaTypeId") references "MediaType" ("MediaTypeId") on delete no action on update no action
);
create table "Playlist" (
  "PlaylistId" integer not null,
  "Name" varchar(120),
  constraint "PK_Playlist" primary key ("PlaylistId")
);
create table "PlaylistTrack" (
  "PlaylistId" integer not null,
  "TrackId" integer not null,
  constraint "PK_PlaylistTrack" primary key ("PlaylistId", "TrackId"),
  foreign key ("PlaylistId") references "Playlist" ("PlaylistId") on delete no action on update no action,
  foreign key ("TrackId") references "Track" ("TrackId") on delete no action on update no action
);
create table "Invoice" (
  "InvoiceId" integer not null,
  "CustomerId" integer not null,
  "InvoiceDate" timestamp not null,
  "BillingCountry" varchar(40),
  "Total" numeric(10,2) not null,
  constraint "PK_Invoice" primary key ("InvoiceId"),
  foreign key ("CustomerId") references "Customer" ("CustomerId") on delete no action on update no action
);
create table "InvoiceLine" (
  "InvoiceLineId" integer not null,
  "InvoiceId" integer not null,
  "TrackId" integer not null,
  "UnitPrice" numeric(10,2) not null,
  "Quantity" integer not null,
  constraint "PK_InvoiceLine" primary key ("InvoiceLineId"),
  foreign key ("InvoiceId") references "Invoice" ("InvoiceId") on delete no action on update no action,
  foreign key ("TrackId") references "Track" ("TrackId") on delete no action on update no action
);
create unique index "IPK_Artist" on "Artist" ("ArtistId");
create index "IFK_AlbumArtistId" on "Album" ("ArtistId");
create index "IFK_CustomerSupportRepId" on "Customer" ("SupportRepId");
create index "IFK_EmployeeReportsTo" on "Employee" ("ReportsTo");
create index "IFK_InvoiceCustomerId" on "Invoice" ("CustomerId");
create index "IFK_InvoiceLineInvoiceId" on "InvoiceLine" ("InvoiceId");
create index "IFK_InvoiceLineTrackId" on "InvoiceLine" ("TrackId");
create index "IFK_PlaylistTrackTrackId" on "PlaylistTrack" ("TrackId");
create index "IFK_TrackAlbumId" on "Track" ("AlbumId");
