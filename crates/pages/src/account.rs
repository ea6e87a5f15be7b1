//! The account: who one is, where one is signed in, and the phone.

use domain::{Field, Purpose};
use leptos::{either::EitherOf4, prelude::*};
use shop::{devices::DeviceView, phone_change::PhoneChangeStage, sessions::SessionView};
use web::routes;

use super::{
    Alert, CodeScreen, Page, StartAgain, SubmitButton, TextField, code::code_of, dates::Moment,
    expect_shop, expect_visitor, page, take_flash,
};

/// The overview.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(async {
        let profile = expect_shop()?.account().profile(&expect_visitor()?).await?;
        let flash = take_flash().await?;
        Ok(view! {
            <Page title="Your account" private=true>
                <div class="narrow stack">
                    <h1>"Your account"</h1>
                    <Alert flash/>
                    <dl class="card facts">
                        <div><dt>"Name"</dt><dd>{profile.name}</dd></div>
                        <div><dt>"E-mail"</dt><dd>{profile.email}</dd></div>
                        <div><dt>"Phone for codes"</dt><dd>{profile.masked_phone}</dd></div>
                    </dl>
                    <nav class="stack-tight" aria-label="Account">
                        <p><a href=routes::ACCOUNT_ORDERS>"Orders"</a></p>
                        <p><a href=routes::ACCOUNT_SECURITY>"Password, sessions and devices"</a></p>
                        <p><a href=routes::ACCOUNT_PHONE>"Change the phone"</a></p>
                    </nav>
                    <form method="post" action=routes::api::LOGOUT>
                        <button class="button" type="submit">"Sign out"</button>
                    </form>
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
        let devices = shop.devices().list(&visitor).await?;
        let flash = take_flash().await?;
        Ok(view! {
            <Page title="Security" private=true>
                <div class="narrow stack-loose">
                    <h1>"Security"</h1>
                    <Alert flash=flash.clone()/>
                    <PasswordForm problem=flash.problem(Field::Password)/>
                    <Sessions sessions/>
                    <Devices devices/>
                </div>
            </Page>
        })
    })
}

#[component]
fn PasswordForm(#[prop(into)] problem: Option<String>) -> impl IntoView {
    view! {
        <section class="card stack" aria-labelledby="password-title">
            <h2 id="password-title">"Change your password"</h2>
            <form class="stack" method="post" action=routes::api::ACCOUNT_PASSWORD novalidate>
                <TextField
                    label="Current password"
                    name="current"
                    kind="password"
                    autocomplete="current-password"
                />
                <TextField
                    label="New password"
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    problem
                    hint="At least 12 characters. A few words you can remember are fine."
                />
                <SubmitButton label="Change the password"/>
            </form>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionView>) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.is_current);
    let rows = sessions.into_iter().map(|session| {
        let end = (!session.is_current).then(|| {
            view! {
                <form method="post" action=routes::api::ACCOUNT_SESSIONS_END>
                    <input type="hidden" name="id" value=session.id.to_string()/>
                    <button class="button button-small" type="submit">"End"</button>
                </form>
            }
        });
        view! {
            <li class="line spread">
                <span class="stack-tight">
                    <span class="strong">{browser(&session.user_agent)}</span>
                    <span class="muted small">"Last seen "<Moment at=session.last_seen_at/></span>
                </span>
                {session.is_current.then(|| view! { <span class="badge badge-good">"This browser"</span> })}
                {end}
            </li>
        }
    });
    let end_others = has_others.then(|| {
        view! {
            <form method="post" action=routes::api::ACCOUNT_SESSIONS_END_OTHERS>
                <button class="button" type="submit">"End all others"</button>
            </form>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <ul class="order-rows">{rows.collect_view()}</ul>
            {end_others}
        </section>
    }
}

#[component]
fn Devices(devices: Vec<DeviceView>) -> impl IntoView {
    let is_empty = devices.is_empty();
    let rows = devices.into_iter().map(|device| {
        view! {
            <li class="line spread">
                <span class="stack-tight">
                    <span class="strong">{browser(&device.user_agent)}</span>
                    <span class="muted small">"Trusted until "<Moment at=device.expires_at/></span>
                </span>
                <form method="post" action=routes::api::ACCOUNT_DEVICES_FORGET>
                    <input type="hidden" name="id" value=device.id.to_string()/>
                    <button class="button button-small" type="submit">"Forget"</button>
                </form>
            </li>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="devices-title">
            <h2 id="devices-title">"Trusted devices"</h2>
            <p class="hint">"These sign in with the password alone. Payments always need a code."</p>
            {is_empty.then(|| view! { <p class="muted">"None."</p> })}
            <ul class="order-rows">{rows.collect_view()}</ul>
        </section>
    }
}

/// What a browser calls itself, short enough to recognise it by.
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
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

/// Changing the phone: four steps on one address, the next one always shown.
#[component]
pub fn PhonePage() -> impl IntoView {
    page(async {
        let shop = expect_shop()?;
        let stage = shop.account().phone_change_stage(&expect_visitor()?).await?;
        let (step_up, phone) = (code_of(Purpose::StepUp).await?, code_of(Purpose::Phone).await?);
        let flash = take_flash().await?;
        let start_again = StartAgain::By(routes::api::ACCOUNT_PHONE_START_AGAIN);
        let step = match stage {
            PhoneChangeStage::Password => EitherOf4::A(view! { <AskPassword flash/> }),
            PhoneChangeStage::StepUpCode => EitherOf4::B(view! {
                <p>"First the phone you have now."</p>
                <CodeScreen code=step_up action=routes::api::ACCOUNT_PHONE_STEP_UP start_again flash/>
            }),
            PhoneChangeStage::NewPhone => EitherOf4::C(view! { <AskNumber flash/> }),
            PhoneChangeStage::NewPhoneCode => EitherOf4::D(view! {
                <p>"Now the new phone."</p>
                <CodeScreen code=phone action=routes::api::ACCOUNT_PHONE_VERIFY start_again flash/>
            }),
        };
        Ok(view! {
            <Page title="Change your phone" private=true>
                <div class="narrow stack">
                    <h1>"Change your phone"</h1>
                    {step}
                    <p><a href=routes::ACCOUNT>"Back to your account"</a></p>
                </div>
            </Page>
        })
    })
}

#[component]
fn AskPassword(flash: web::server::Flash) -> impl IntoView {
    view! {
        <p>"Your phone guards your account, so we make sure that it is you: password, a code to the phone you have now, then a code to the new one."</p>
        <Alert flash/>
        <form class="stack" method="post" action=routes::api::ACCOUNT_PHONE_PASSWORD novalidate>
            <TextField
                label="Password"
                name="password"
                kind="password"
                autocomplete="current-password"
            />
            <SubmitButton label="Continue"/>
        </form>
    }
}

#[component]
fn AskNumber(flash: web::server::Flash) -> impl IntoView {
    let (value, problem) = (flash.value(Field::Phone), flash.problem(Field::Phone));
    view! {
        <Alert flash/>
        <form class="stack" method="post" action=routes::api::ACCOUNT_PHONE_NUMBER novalidate>
            <TextField
                label="New mobile phone with WhatsApp"
                name="phone"
                kind="tel"
                autocomplete="tel"
                value
                problem
                hint="With country code, such as +44 7700 900111. The old number gets a note."
            />
            <SubmitButton label="Send the code"/>
        </form>
    }
}
