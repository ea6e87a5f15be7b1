//! The account: profile, orders, password, sessions, trusted devices and the phone.

use domain::{Field, Purpose};
use leptos::{either::EitherOf4, prelude::*};
use shop::{
    EmailState, devices::DeviceView, phone_change::PhoneChangeStage, sessions::SessionView,
};
use web::routes;

use super::{
    Alert, CodeScreen, Flash, Form, Page, StartAgain, SubmitButton, TextField, code::code_of,
    dates::DateTime, expect_shop, expect_visitor, page, take_flash,
};

/// The overview.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(async {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let profile = shop.account().profile(&visitor).await?;
        let has_email = shop.emails().state(&visitor).await? != EmailState::Off;
        let flash = take_flash()?;
        Ok(view! {
            <Page title=t!("account-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("account-title")}</h1>
                    <Alert flash/>
                    <dl class="card facts">
                        <div><dt>{t!("account-name")}</dt><dd><bdi>{profile.name}</bdi></dd></div>
                        <div><dt>{t!("account-email")}</dt><dd><bdi>{profile.email}</bdi></dd></div>
                        <div><dt>{t!("account-phone")}</dt><dd><bdi>{profile.masked_phone}</bdi></dd></div>
                    </dl>
                    <nav class="stack-tight" aria-label=t!("layout-account")>
                        <p><a href=routes::ACCOUNT_ORDERS>{t!("account-orders")}</a></p>
                        <p><a href=routes::ACCOUNT_SECURITY>{t!("account-security")}</a></p>
                        <p><a href=routes::ACCOUNT_PHONE>{t!("account-change-phone")}</a></p>
                        <p><a href=routes::ACCOUNT_DATA>{t!("data-title")}</a></p>
                        <p><a href=routes::ACCOUNT_RECOVERY_CODES>{t!("recovery-codes-title")}</a></p>
                        {has_email.then(|| view! { <p><a href=routes::ACCOUNT_EMAIL>{t!("email-title")}</a></p> })}
                    </nav>
                    <Form action=routes::api::LOGOUT>
                        <button class="button" type="submit">{t!("sign-out")}</button>
                    </Form>
                </div>
            </Page>
        })
    })
}

/// Password, sessions and trusted devices.
#[component]
pub fn SecurityPage() -> impl IntoView {
    page(async {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let sessions = shop.sessions().list(&visitor).await?;
        let displaced = shop.sessions().list_displaced(&visitor).await?;
        let devices = shop.devices().list(&visitor).await?;
        let mut flash = take_flash()?;
        let of_password = flash.take_at(PASSWORD_SECTION);
        let of_sessions = flash.take_at(SESSIONS_SECTION);
        let of_devices = flash.take_at(DEVICES_SECTION);
        Ok(view! {
            <Page title=t!("security-title") private=true>
                <div class="narrow stack-loose">
                    <h1>{t!("security-title")}</h1>
                    <Alert flash/>
                    <PasswordForm flash=of_password/>
                    <Sessions sessions displaced flash=of_sessions/>
                    <Devices devices flash=of_devices/>
                </div>
            </Page>
        })
    })
}

// The sections by their ids, to which their forms come back.
const PASSWORD_SECTION: &str = "password-section";
const SESSIONS_SECTION: &str = "sessions";
const DEVICES_SECTION: &str = "devices";

#[component]
fn PasswordForm(flash: Flash) -> impl IntoView {
    let problem = flash.problem(Field::Password);
    view! {
        <section class="card stack" id=PASSWORD_SECTION aria-labelledby="password-title">
            <h2 id="password-title">{t!("security-change-password")}</h2>
            <Alert flash/>
            <Form
                class="stack"
                action=routes::api::ACCOUNT_PASSWORD
                novalidate=true
                anchor=PASSWORD_SECTION
            >
                <TextField
                    label=t!("security-current-password")
                    name="current"
                    kind="password"
                    autocomplete="current-password"
                />
                <TextField
                    label=t!("field-new-password")
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    problem
                    hint=t!("password-hint")
                />
                <SubmitButton label=t!("security-change-password-button")/>
            </Form>
        </section>
    }
}

#[component]
fn Sessions(
    sessions: Vec<SessionView>,
    displaced: Vec<SessionView>,
    flash: Flash,
) -> impl IntoView {
    let displaced = displaced.into_iter().map(|session| {
        view! {
            <li>
                <span class="strong">{browser(&session.user_agent)}</span>" "
                <span class="muted small">{t!("session-last-seen")}" "<DateTime at=session.last_seen_at/></span>
            </li>
        }
    });
    let displaced: Vec<_> = displaced.collect();
    let displaced = (!displaced.is_empty()).then(|| {
        view! {
            <p>{t!("sessions-displaced")}</p>
            <ul>{displaced}</ul>
        }
    });
    let has_others = sessions.iter().any(|session| !session.is_current);
    let rows = sessions.into_iter().map(|session| {
        let end = (!session.is_current).then(|| {
            view! {
                <Form action=routes::api::ACCOUNT_SESSIONS_END anchor=SESSIONS_SECTION>
                    <input type="hidden" name="id" value=session.id.to_string()/>
                    <button class="button button-small" type="submit">{t!("session-end")}</button>
                </Form>
            }
        });
        view! {
            <li class="line spread">
                <span class="stack-tight">
                    <span class="strong">{browser(&session.user_agent)}</span>
                    <span class="muted small">{t!("session-last-seen")}" "<DateTime at=session.last_seen_at/></span>
                </span>
                {session.is_current.then(|| view! { <span class="badge badge-good">{t!("session-this")}</span> })}
                {end}
            </li>
        }
    });
    let end_others = has_others.then(|| {
        view! {
            <Form action=routes::api::ACCOUNT_SESSIONS_END_OTHERS anchor=SESSIONS_SECTION>
                <button class="button" type="submit">{t!("session-end-others")}</button>
            </Form>
        }
    });
    view! {
        <section class="card stack" id=SESSIONS_SECTION aria-labelledby="sessions-title">
            <h2 id="sessions-title">{t!("sessions-title")}</h2>
            <Alert flash/>
            <ul class="order-rows">{rows.collect_view()}</ul>
            {end_others}
            {displaced}
        </section>
    }
}

#[component]
fn Devices(devices: Vec<DeviceView>, flash: Flash) -> impl IntoView {
    let is_empty = devices.is_empty();
    let rows = devices.into_iter().map(|device| {
        view! {
            <li class="line spread">
                <span class="stack-tight">
                    <span class="strong">{browser(&device.user_agent)}</span>
                    <span class="muted small">{t!("device-until")}" "<DateTime at=device.expires_at/></span>
                </span>
                <Form action=routes::api::ACCOUNT_DEVICES_FORGET anchor=DEVICES_SECTION>
                    <input type="hidden" name="id" value=device.id.to_string()/>
                    <button class="button button-small" type="submit">{t!("device-forget")}</button>
                </Form>
            </li>
        }
    });
    view! {
        <section class="card stack" id=DEVICES_SECTION aria-labelledby="devices-title">
            <h2 id="devices-title">{t!("devices-title")}</h2>
            <Alert flash/>
            <p class="hint">{t!("devices-about")}</p>
            {is_empty.then(|| view! { <p class="muted">{t!("devices-none")}</p> })}
            <ul class="order-rows">{rows.collect_view()}</ul>
        </section>
    }
}

/// The `User-Agent` of a browser, shortened to what identifies it.
fn browser(user_agent: &str) -> String {
    const NAMES: [(&str, &str); 5] = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 5] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let find = |list: [(&'static str, &'static str); 5]| {
        list.into_iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| name)
    };
    match (find(NAMES), find(SYSTEMS)) {
        (Some(name), Some(system)) => t!("browser-on-system", browser = name, system = system),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t!("browser-unknown"),
    }
}

/// Changing the phone. All four steps have one address, which shows the step that is due.
#[component]
pub fn PhonePage() -> impl IntoView {
    page(async {
        let shop = expect_shop()?;
        let stage = shop.account().phone_change_stage(&expect_visitor()?).await?;
        let (step_up, phone) = (code_of(Purpose::StepUp).await?, code_of(Purpose::Phone).await?);
        let flash = take_flash()?;
        let start_again = StartAgain::By(routes::api::ACCOUNT_PHONE_START_AGAIN);
        let step = match stage {
            PhoneChangeStage::Password => EitherOf4::A(view! { <AskPassword flash/> }),
            PhoneChangeStage::StepUpCode => EitherOf4::B(view! {
                <p>{t!("phone-first")}</p>
                <CodeScreen code=step_up action=routes::api::ACCOUNT_PHONE_STEP_UP start_again flash/>
            }),
            PhoneChangeStage::NewPhone => EitherOf4::C(view! { <AskNumber flash/> }),
            PhoneChangeStage::NewPhoneCode => EitherOf4::D(view! {
                <p>{t!("phone-second")}</p>
                <CodeScreen code=phone action=routes::api::ACCOUNT_PHONE_VERIFY start_again flash/>
            }),
        };
        Ok(view! {
            <Page title=t!("phone-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("phone-title")}</h1>
                    {step}
                    <p><a href=routes::ACCOUNT>{t!("phone-back")}</a></p>
                </div>
            </Page>
        })
    })
}

#[component]
fn AskPassword(flash: Flash) -> impl IntoView {
    view! {
        <p>{t!("phone-about")}</p>
        <Alert flash/>
        <Form class="stack" action=routes::api::ACCOUNT_PHONE_PASSWORD novalidate=true>
            <TextField
                label=t!("field-password")
                name="password"
                kind="password"
                autocomplete="current-password"
            />
            <SubmitButton label=t!("phone-continue")/>
        </Form>
    }
}

#[component]
fn AskNumber(flash: Flash) -> impl IntoView {
    let (value, problem) = (flash.value(Field::Phone), flash.problem(Field::Phone));
    view! {
        <Alert flash/>
        <Form class="stack" action=routes::api::ACCOUNT_PHONE_NUMBER novalidate=true>
            <TextField
                label=t!("phone-new")
                name="phone"
                kind="tel"
                autocomplete="tel"
                value
                problem
                hint=t!("phone-new-hint")
            />
            <SubmitButton label=t!("send-code")/>
        </Form>
    }
}
