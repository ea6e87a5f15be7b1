//! The simulator delivers messages like a real provider, with the faults that are set.

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

    type Statuses = Arc<Mutex<Vec<DeliveryStatus>>>;

    fn simulator() -> (Arc<Simulator>, Statuses) {
        let events = Statuses::default();
        let kept = Arc::clone(&events);
        let sink = Arc::new(move |event: whatsapp::WebhookEvent| {
            if let whatsapp::WebhookEvent::Delivery(report) = event {
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

    fn codes(simulator: &Simulator) -> Vec<String> {
        simulator.messages(&phone()).into_iter().filter_map(|message| message.code).collect()
    }

    async fn wait(millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    use DeliveryStatus::{Delivered, Failed, Read, Sent};

    #[tokio::test(start_paused = true)]
    async fn a_message_is_accepted_at_once_and_delivered_later() {
        let (simulator, events) = simulator();
        simulator.send(&message(42)).await.unwrap();
        assert!(simulator.messages(&phone()).is_empty());
        wait(50).await;
        assert_eq!(*events.lock().unwrap(), [Sent]);
        wait(100).await;
        assert_eq!(codes(&simulator), ["000042"]);
        simulator.mark_read(&phone());
        simulator.mark_read(&phone());
        assert_eq!(*events.lock().unwrap(), [Sent, Delivered, Read]);
        assert_eq!(simulator.chats(), [phone()]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_fault_of_a_phone_takes_precedence_over_the_default() {
        let (simulator, _) = simulator();
        simulator.set_fault(None, SimulatedFault::ProviderDown);
        let refused = simulator.send(&message(1)).await;
        assert!(matches!(refused, Err(SendError::Retry { .. })));
        simulator.set_fault(Some(phone()), SimulatedFault::Slow);
        simulator.send(&message(2)).await.unwrap();
        wait(7_000).await;
        assert!(codes(&simulator).is_empty());
        wait(2_000).await;
        assert_eq!(codes(&simulator), ["000002"]);
        simulator.set_fault(Some(phone()), SimulatedFault::None);
        assert_eq!(simulator.fault(&phone()), SimulatedFault::ProviderDown);
    }

    #[tokio::test(start_paused = true)]
    async fn faults_lose_fail_duplicate_and_reorder_messages() {
        let (simulator, events) = simulator();
        simulator.set_fault(None, SimulatedFault::Lost);
        simulator.send(&message(1)).await.unwrap();
        wait(200).await;
        assert!(codes(&simulator).is_empty());
        simulator.set_fault(None, SimulatedFault::Undeliverable);
        simulator.send(&message(2)).await.unwrap();
        wait(200).await;
        assert_eq!(*events.lock().unwrap(), [Sent, Sent, Failed]);
        simulator.set_fault(None, SimulatedFault::Duplicate);
        simulator.send(&message(3)).await.unwrap();
        wait(200).await;
        assert_eq!(codes(&simulator), ["000003", "000003"]);
        simulator.set_fault(None, SimulatedFault::OutOfOrder);
        simulator.send(&message(4)).await.unwrap();
        wait(200).await;
        simulator.send(&message(5)).await.unwrap();
        wait(200).await;
        assert_eq!(
            codes(&simulator)[..2],
            ["000004", "000005"],
            "the earlier message is delivered last"
        );
        simulator.send(&message(6)).await.unwrap();
        wait(11_000).await;
        assert_eq!(codes(&simulator)[0], "000006", "a message is not held back for ever");
    }

    #[tokio::test(start_paused = true)]
    async fn x114_a_message_prints_neither_its_code_nor_its_number() {
        let (simulator, _) = simulator();
        simulator.send(&message(123_456)).await.unwrap();
        wait(200).await;
        let printed = format!("{:?}", simulator.messages(&phone()));
        assert!(!printed.contains("123456") && !printed.contains("7700900"), "{printed}");
    }
}
