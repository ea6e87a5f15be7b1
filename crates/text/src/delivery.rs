//! How far the message with a code has come, by which channel, and what went wrong.

use domain::{Channel, DeliveryProblem, DeliveryStatus};

use crate::{Text, message};

impl Text {
    /// The state of a message in words, or what went wrong with it and what helps.
    pub fn delivery(
        &self,
        status: DeliveryStatus,
        channel: Channel,
        problem: Option<DeliveryProblem>,
    ) -> String {
        use Channel::{Sms, WhatsApp};
        match (status, channel) {
            (DeliveryStatus::Queued, WhatsApp) => message!(self, "delivery-whatsapp-queued"),
            (DeliveryStatus::Accepted, WhatsApp) => message!(self, "delivery-whatsapp-accepted"),
            (DeliveryStatus::Sent, WhatsApp) => message!(self, "delivery-whatsapp-sent"),
            (DeliveryStatus::Delivered, WhatsApp) => message!(self, "delivery-whatsapp-delivered"),
            (DeliveryStatus::Read, WhatsApp) => message!(self, "delivery-whatsapp-read"),
            (DeliveryStatus::Queued, Sms) => message!(self, "delivery-sms-queued"),
            (DeliveryStatus::Accepted, Sms) => message!(self, "delivery-sms-accepted"),
            (DeliveryStatus::Sent, Sms) => message!(self, "delivery-sms-sent"),
            (DeliveryStatus::Delivered, Sms) => message!(self, "delivery-sms-delivered"),
            (DeliveryStatus::Read, Sms) => message!(self, "delivery-sms-read"),
            (DeliveryStatus::Failed, _) => self.delivery_failure(channel, problem),
        }
    }

    fn delivery_failure(&self, channel: Channel, problem: Option<DeliveryProblem>) -> String {
        match (problem, channel) {
            (Some(DeliveryProblem::Unreachable), Channel::WhatsApp) => {
                message!(self, "delivery-whatsapp-unreachable")
            }
            (Some(DeliveryProblem::Unreachable), Channel::Sms) => {
                message!(self, "delivery-sms-unreachable")
            }
            (Some(DeliveryProblem::Trouble), _) => message!(self, "delivery-trouble"),
            (Some(DeliveryProblem::Unknown), _) => message!(self, "delivery-unknown"),
            (Some(DeliveryProblem::Late), _) => message!(self, "delivery-late"),
            (None, _) => message!(self, "delivery-failed"),
        }
    }
}
