//! The form of a delivery address: the country, and the fields that addresses have there.

use domain::{Address, Field};
use leptos::prelude::*;
use shop::{
    addresses::{self, AddressFormat, FormField, Region},
    shipping,
};
use web::{routes, server};

use super::{
    super::{Flash, Form, SubmitButton, TextField},
    steps::STEP,
};

/// An address as it is printed on a parcel, with the name of its country.
pub fn written(address: &Address) -> Vec<String> {
    let mut lines = addresses::lines(address);
    lines.push(server::text().country(&address.country));
    lines
}

/// The form. Without script, a button fetches the fields of another country; what was typed
/// stays.
#[component]
pub fn AddressForm(
    /// The stored address.
    address: Address,
    /// The input that was refused just now.
    flash: Flash,
) -> impl IntoView {
    let form = Typed { flash, address };
    let country = form.value(Field::Country);
    let format = AddressFormat::of(&country);
    let fields: Vec<_> =
        format.form_fields().into_iter().map(|field| form.view(field, format)).collect();
    view! {
        <Form class="stack" action=routes::api::CHECKOUT_ADDRESS novalidate=true anchor=STEP>
            // Enter in a field presses the first button of a form, which must not be the one of
            // the country.
            <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true"></button>
            <Country chosen=country problem=form.flash.problem(Field::Country)/>
            {fields}
            <SubmitButton label=t!("checkout-to-shipping")/>
        </Form>
    }
}

/// The content of the fields: the input that was refused just now, so that it is not lost, or
/// else the stored address.
struct Typed {
    flash: Flash,
    address: Address,
}

impl Typed {
    fn value(&self, field: Field) -> String {
        if !self.flash.typed.is_empty() {
            return self.flash.value(field);
        }
        let kept = match field {
            Field::Name => &self.address.name,
            Field::Street => &self.address.street,
            Field::Extra => &self.address.extra,
            Field::District => &self.address.district,
            Field::City => &self.address.city,
            Field::Region => &self.address.region,
            Field::Postcode => &self.address.postcode,
            _ => &self.address.country,
        };
        kept.clone()
    }

    fn view(
        &self,
        FormField { field, is_required }: FormField,
        format: &'static AddressFormat,
    ) -> AnyView {
        let label = match field {
            // The label says so itself.
            Field::Extra => label(field, format),
            _ if is_required => label(field, format),
            _ => t!("field-optional", field = label(field, format)),
        };
        let value = self.value(field);
        let problem = self.flash.problem(field);
        if field == Field::Region && !format.regions.is_empty() {
            let regions = &format.regions;
            return view! { <Regions label value problem regions is_required/> }.into_any();
        }
        let example = format.postcode_example().filter(|_| field == Field::Postcode);
        view! {
            <TextField
                label
                name=field.as_str()
                autocomplete=autocomplete(field)
                value
                problem
                hint=example.map(|example| t!("field-example", example = example)).unwrap_or_default()
                optional=!is_required
            />
        }
        .into_any()
    }
}

/// What the country calls the field.
fn label(field: Field, format: &AddressFormat) -> String {
    match field {
        Field::Name => t!("field-name"),
        Field::Street => t!("field-street"),
        Field::Extra => t!("field-extra"),
        Field::District => match format.district_name.as_str() {
            "neighborhood" => t!("field-neighbourhood"),
            "townland" => t!("field-townland"),
            _ => t!("field-district"),
        },
        Field::City => t!("field-city"),
        Field::Region => match format.region_name.as_str() {
            "state" => t!("field-state"),
            "prefecture" => t!("field-prefecture"),
            "county" => t!("field-county"),
            _ => t!("field-province"),
        },
        _ => match format.postcode_name.as_str() {
            "zip" => t!("field-zip"),
            "pin" => t!("field-pin"),
            "eircode" => t!("field-eircode"),
            _ => t!("field-postcode"),
        },
    }
}

const fn autocomplete(field: Field) -> &'static str {
    match field {
        Field::Name => "shipping name",
        Field::Street => "shipping address-line1",
        Field::Extra => "shipping address-line2",
        Field::District => "shipping address-level3",
        Field::City => "shipping address-level2",
        Field::Region => "shipping address-level1",
        _ => "shipping postal-code",
    }
}

#[component]
fn Country(chosen: String, problem: Option<String>) -> impl IntoView {
    let is_wrong = problem.is_some();
    let is_open = chosen.is_empty();
    let text = server::text();
    let countries = shipping::COUNTRIES.iter().map(|code| {
        view! { <option value=*code selected=*code == chosen>{text.country(code)}</option> }
    });
    view! {
        <div class="field" class:field-wrong=is_wrong>
            <label for="country">{t!("field-country")}</label>
            {problem.map(|words| view! { <p class="problem" id="country-problem">{words}</p> })}
            <select
                id="country"
                name="country"
                autocomplete="shipping country"
                required
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then_some("country-problem")
            >
                <option value="" selected=is_open>{t!("field-country-choose")}</option>
                {countries.collect_view()}
            </select>
            <div>
                <button class="button" type="submit" formaction=routes::api::CHECKOUT_COUNTRY>
                    {t!("checkout-change-country")}
                </button>
            </div>
        </div>
    }
}

#[component]
fn Regions(
    label: String,
    value: String,
    problem: Option<String>,
    regions: &'static [Region],
    is_required: bool,
) -> impl IntoView {
    let is_wrong = problem.is_some();
    let options = regions.iter().map(|region| {
        let is_chosen = region.key == value || region.name == value;
        view! { <option value=region.key.as_str() selected=is_chosen>{region.name.as_str()}</option> }
    });
    view! {
        <div class="field" class:field-wrong=is_wrong>
            <label for="region">{label}</label>
            {problem.map(|words| view! { <p class="problem" id="region-problem">{words}</p> })}
            <select
                id="region"
                name="region"
                autocomplete="shipping address-level1"
                required=is_required
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then_some("region-problem")
            >
                <option value="">{t!("field-region-choose")}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}
