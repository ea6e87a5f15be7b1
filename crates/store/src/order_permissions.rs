//! The permission to read one order in one browser, for a short time and without signing in.

use domain::{OrderId, OrderToken, PermissionId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// Permissions to read an order.
    order_permissions: OrderPermissions
}

#[derive(Clone, Debug)]
pub struct OrderPermission {
    pub id: PermissionId,
    pub order: OrderId,
    pub browser_digest: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into order_permissions
    (id, order_id, browser_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)";

const FIND: &str = "select o.id from order_permissions p join orders o on o.id = p.order_id
    where o.token = $1 and p.browser_digest = $2 and p.expires_at > $3 limit 1";

const DELETE_EXPIRED: &str = "delete from order_permissions where expires_at <= $1";

impl OrderPermissions<'_> {
    pub async fn insert(&mut self, permission: &OrderPermission) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            permission.id.as_str(),
            permission.order.as_str(),
            permission.browser_digest.as_str(),
            permission.created_at.as_millis(),
            permission.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// The order with this token, if this browser may read it now.
    pub async fn find(
        &mut self,
        token: &OrderToken,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<Option<OrderId>> {
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(FIND)
                .bind(token.as_str())
                .bind(browser_digest)
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?;
        id.map(|id| OrderId::parse(&id).ok_or_else(|| Error::corrupt("order_permissions", "id")))
            .transpose()
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}
