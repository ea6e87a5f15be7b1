//! The parameters of a request, which Stripe takes as a form with brackets for nested fields:
//! `payment_intent_data[capture_method]=manual`. Source: <https://docs.stripe.com/api>.

/// Names and values in the order in which they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A form without fields.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The form with one more field.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// The form with one more field, if there is a value.
    pub(super) fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Whether there is no field.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields as `application/x-www-form-urlencoded`, for a body or a query.
    pub(super) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_spaces_and_letters_of_any_script_are_encoded() {
        let form = Form::new()
            .with("line_items[0][price_data][product_data][name]", "Tee & Hemd")
            .with("expand[]", "payment_intent")
            .with_some("customer", None::<&str>)
            .with_some("amount", Some(1_099));
        assert_eq!(
            form.encode(),
            "line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=Tee+%26+Hemd\
             &expand%5B%5D=payment_intent&amount=1099"
        );
        assert!(Form::new().is_empty() && !form.is_empty());
    }
}
