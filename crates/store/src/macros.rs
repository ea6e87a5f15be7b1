//! Macros for what every repository repeats, and for transactions.

/// Declares a repository, which holds the statements about one subject, and the method of
/// a connection that gives it: `repository! { orders: Orders }` declares `Orders` and
/// `Connection::orders`.
macro_rules! repository {
    ($(#[$attribute:meta])* $method:ident: $name:ident) => {
        $(#[$attribute])*
        pub struct $name<'c>(pub(crate) &'c mut $crate::Connection);

        impl $crate::Connection {
            $(#[$attribute])*
            pub fn $method(&mut self) -> $name<'_> {
                $name(self)
            }
        }
    };
}

/// Declares a struct with a field for each column, and reads it from a row of either
/// database by the names of its fields.
///
/// `#[derive(sqlx::FromRow)]` would do it, but its crate compiles sqlx and both database
/// drivers a second time, for the compiler: 120 of the 650 units of a release build.
macro_rules! row {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($field_visibility:vis $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($field_visibility $field: $type,)+
        }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            &'static str: sqlx::ColumnIndex<R>,
            $($type: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)+
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get(stringify!($field))?,)+ })
            }
        }
    };
}

/// Runs a block in one transaction that may write: `transaction!(db, |tx| { … })` is
/// [`Db::write`](crate::Db::write) with the closure boxed, because the compiler cannot prove yet
/// that the future of an async closure is `Send`. The block is an `async move` block.
#[macro_export]
macro_rules! transaction {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write(move |$tx| ::std::boxed::Box::pin(async move { $work }))
    };
}

/// The same by [`Db::write_repeatable`](crate::Db::write_repeatable): the block runs again when another
/// transaction was in the way. Everything that it takes from outside is cloned for each run.
#[macro_export]
macro_rules! repeatable_transaction {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write_repeatable(move |$tx| ::std::boxed::Box::pin(async move { $work }))
    };
}
