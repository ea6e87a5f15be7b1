//! The simulated network behaves like a real one, and has the trouble it is
//! told to have.

#[cfg(test)]
mod simulator {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use domain::{
        Channel, Code, DeliveryStatus, Language, MessageId, MessageKind, PhoneNumber, Purpose,
        Timestamp,
    };
    use whatsapp::{MessageProvider, OutgoingMessage, SendError, SimulatedFault, Simulator};

    type WebhookEvent = Arc<Mutex<Vec<DeliveryStatus>>>;

    fn network() -> (Arc<Simulator>, WebhookEvent) {
        let events = WebhookEvent::default();
        let kept = Arc::clone(&events);
        let sink = Arc::new(move |events: whatsapp::WebhookEvent| {
            if let whatsapp::WebhookEvent::Delivery(report) = events {
                kept.lock().unwrap().push(report.status);
            }
        });
        (Simulator::new(sink, Arc::new(|| Timestamp::from_millis(7))), events)
    }

    fn phone() -> PhoneNumber {
        PhoneNumber::from_e164("+447700900111").unwrap()
    }

    fn message(number: u64) -> OutgoingMessage {
        OutgoingMessage {
            id: MessageId::from_bits(number.into()),
            phone: phone(),
            channel: Channel::WhatsApp,
            language: Language::English,
            kind: MessageKind::Code(Purpose::Login),
            shop_name: "Marigold".to_owned(),
            code: Some(Code::from_number(number)),
            minutes: 10,
            remaining: Duration::from_secs(600),
            template_id: None,
            payment: None,
            expires_at: Timestamp::from_millis(0),
        }
    }

    fn codes(network: &Simulator) -> Vec<String> {
        network.messages(&phone()).into_iter().filter_map(|message| message.code).collect()
    }

    async fn wait(millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    use DeliveryStatus::{Delivered, Failed, Read, Sent};

    #[tokio::test(start_paused = true)]
    async fn a_message_is_taken_at_once_and_arrives_later() {
        let (network, events) = network();
        network.send(&message(42)).await.unwrap();
        assert!(network.messages(&phone()).is_empty());
        wait(50).await;
        assert_eq!(*events.lock().unwrap(), [Sent]);
        wait(100).await;
        assert_eq!(codes(&network), ["000042"]);
        network.mark_read(&phone());
        network.mark_read(&phone());
        assert_eq!(*events.lock().unwrap(), [Sent, Delivered, Read]);
        assert_eq!(network.chats(), [phone()]);
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_of_one_phone_comes_before_trouble_of_all() {
        let (network, _) = network();
        network.set_fault(None, SimulatedFault::ProviderDown);
        let refused = network.send(&message(1)).await;
        assert!(matches!(refused, Err(SendError::Retry { .. })));
        network.set_fault(Some(phone()), SimulatedFault::Slow);
        network.send(&message(2)).await.unwrap();
        wait(7_000).await;
        assert!(codes(&network).is_empty());
        wait(2_000).await;
        assert_eq!(codes(&network), ["000002"]);
        network.set_fault(Some(phone()), SimulatedFault::None);
        assert_eq!(network.fault(&phone()), SimulatedFault::ProviderDown);
    }

    #[tokio::test(start_paused = true)]
    async fn messages_are_lost_refused_doubled_and_overtaken() {
        let (network, events) = network();
        network.set_fault(None, SimulatedFault::Lost);
        network.send(&message(1)).await.unwrap();
        wait(200).await;
        assert!(codes(&network).is_empty());
        network.set_fault(None, SimulatedFault::Undeliverable);
        network.send(&message(2)).await.unwrap();
        wait(200).await;
        assert_eq!(*events.lock().unwrap(), [Sent, Sent, Failed]);
        network.set_fault(None, SimulatedFault::Duplicate);
        network.send(&message(3)).await.unwrap();
        wait(200).await;
        assert_eq!(codes(&network), ["000003", "000003"]);
        network.set_fault(None, SimulatedFault::OutOfOrder);
        network.send(&message(4)).await.unwrap();
        wait(200).await;
        network.send(&message(5)).await.unwrap();
        wait(200).await;
        assert_eq!(codes(&network)[..2], ["000004", "000005"], "the earlier one is on top");
        network.send(&message(6)).await.unwrap();
        wait(11_000).await;
        assert_eq!(codes(&network)[0], "000006", "nothing is held back for ever");
    }

    #[tokio::test(start_paused = true)]
    async fn x114_a_message_prints_neither_its_code_nor_its_number() {
        let (network, _) = network();
        network.send(&message(123_456)).await.unwrap();
        wait(200).await;
        let printed = format!("{:?}", network.messages(&phone()));
        assert!(!printed.contains("123456") && !printed.contains("7700900"), "{printed}");
    }
}
