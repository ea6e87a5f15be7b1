//! Who carries the messages, how they are, which templates they have approved,
//! and what a message costs.

use domain::{Channel, MessagePrice};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::{
    check::{Report, check},
    delivery::{BreakerView, ProviderView},
    providers::TemplateStatus,
    templates::{JobView, TemplateView},
};
use web::routes;

use super::{
    super::{Alert, PageContext, dates::Moment, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// Everything about messaging. `?check=yes` asks the providers first.
#[component]
pub fn MessagingPage() -> impl IntoView {
    let is_check = use_query_map().get_untracked().get("check").is_some_and(|asked| asked == "yes");
    let PageContext { common, message_prices, .. } = PageContext::current();
    page(async move {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let merchant = shop.merchant(&visitor)?;
        let templates = merchant.templates().await?;
        let providers = shop.delivery().providers();
        let reports = match common.filter(|_| is_check) {
            Some(common) => check(&shop, &common, None).await?,
            None => Vec::new(),
        };
        let managed: Vec<Managed> = providers
            .iter()
            .map(|provider| Managed {
                provider: provider.name,
                wish: merchant.last_template_job(provider.name),
                templates: templates
                    .iter()
                    .filter(|template| template.provider == provider.name)
                    .cloned()
                    .collect(),
            })
            .filter(|managed| !managed.templates.is_empty())
            .collect();
        let flash = take_flash().await?;
        Ok(view! {
            <Frame title="Messaging" tab=routes::MERCHANT_MESSAGING>
                <Alert flash/>
                <div class="stack-loose">
                    <Providers providers/>
                    <Checks reports/>
                    <Templates managed/>
                    <Prices prices=message_prices.to_vec()/>
                </div>
            </Frame>
        })
    })
}

#[component]
fn Providers(providers: Vec<ProviderView>) -> impl IntoView {
    let rows = providers.into_iter().enumerate().map(|(place, provider)| {
        let (state, class) = match provider.breaker {
            BreakerView::Closed => ("In use".to_owned(), "badge badge-good"),
            BreakerView::Open { seconds } => {
                (format!("Left alone for {seconds} s"), "badge badge-bad")
            }
            BreakerView::HalfOpen => ("Being tried again".to_owned(), "badge"),
        };
        let problem = provider.last_problem.map(|(at, words)| {
            view! { <p>{words}</p><p class="hint"><Moment at/></p> }
        });
        view! {
            <tr>
                <td>{place + 1}</td>
                <th scope="row">{provider.name}</th>
                <td><span class=class>{state}</span></td>
                <td>{problem}</td>
            </tr>
        }
    });
    view! {
        <section class="stack" aria-labelledby="providers">
            <h2 id="providers">"Providers"</h2>
            <p class="hint">"The first is asked first; the next when it cannot serve."</p>
            <div class="table-frame" tabindex="0" role="region" aria-label="Providers">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Order"</th>
                            <th scope="col">"Provider"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Last problem"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            <form method="get" action=routes::MERCHANT_MESSAGING>
                <input type="hidden" name="check" value="yes"/>
                <button class="button" type="submit">"Check providers"</button>
            </form>
        </section>
    }
}

/// What was found; nothing before somebody asked.
#[component]
fn Checks(reports: Vec<Report>) -> impl IntoView {
    if reports.is_empty() {
        return ().into_any();
    }
    let is_good = reports.iter().all(Report::is_good);
    let words = if is_good { "Everything is in order." } else { "There is something to change." };
    let lines = reports.into_iter().flat_map(|report| {
        let provider = report.provider;
        report.findings.into_iter().map(move |finding| {
            let (class, word, detail) = match finding.outcome {
                Ok(detail) => ("badge badge-good", "OK", detail),
                Err(advice) => ("badge badge-bad", "Change", advice),
            };
            view! {
                <li>
                    <span class=class>{word}</span>
                    {format!(" {provider}, {}: {detail}", finding.subject)}
                </li>
            }
        })
    });
    view! {
        <section class="card stack" aria-labelledby="checks">
            <h2 id="checks">"What the check found"</h2>
            <p role="status">{words}</p>
            <ul class="stack-tight">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// The templates of one provider, and what was last asked of it.
struct Managed {
    provider: &'static str,
    wish: Option<JobView>,
    templates: Vec<TemplateView>,
}

#[component]
fn Templates(managed: Vec<Managed>) -> impl IntoView {
    let content = match managed.is_empty() {
        true => view! { <p class="muted">"The providers in use have no templates."</p> }.into_any(),
        false => {
            managed.into_iter().map(|one| view! { <OfProvider one/> }).collect_view().into_any()
        }
    };
    view! {
        <section class="stack" aria-labelledby="templates">
            <h2 id="templates">"Templates"</h2>
            <p class="hint">"WhatsApp messages are sent only in words that were approved before."</p>
            {content}
        </section>
    }
}

#[component]
fn OfProvider(one: Managed) -> impl IntoView {
    let Managed { provider, wish, templates } = one;
    let approved = templates.iter().filter(|template| template.problem.is_none()).count();
    let is_complete = approved == templates.len();
    let summary = format!("{approved} of {} can be sent", templates.len());
    let wish = wish.map(|wish| {
        let words = match wish.is_running {
            true => vec!["Still asking. Look again in a moment.".to_owned()],
            false => wish.lines,
        };
        let lines = words.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
        view! { <div class="notice" role="status">{lines}<p class="hint"><Moment at=wish.at/></p></div> }
    });
    let button = |action: &'static str, label: &'static str| {
        view! {
            <form method="post" action=action>
                <input type="hidden" name="provider" value=provider/>
                <button class="button" type="submit" aria-label=format!("{label}: {provider}")>{label}</button>
            </form>
        }
    };
    view! {
        <h3>{provider}</h3>
        <div class="cluster">
            {button(routes::api::MERCHANT_MESSAGING_SUBMIT, "Submit templates")}
            {button(routes::api::MERCHANT_MESSAGING_SYNC, "Check status")}
        </div>
        {wish}
        <details open=!is_complete>
            <summary>{summary}</summary>
            <TemplateTable provider templates/>
        </details>
    }
}

#[component]
fn TemplateTable(provider: &'static str, templates: Vec<TemplateView>) -> impl IntoView {
    let rows = templates.into_iter().map(|template| {
        let (words, class) = match template.status {
            None => ("Unknown", "badge"),
            Some(TemplateStatus::Pending) => ("Pending", "badge"),
            Some(TemplateStatus::Approved) => ("Approved", "badge badge-good"),
            Some(TemplateStatus::Rejected) => ("Rejected", "badge badge-bad"),
            Some(TemplateStatus::Paused) => ("Paused", "badge badge-bad"),
            Some(TemplateStatus::Disabled) => ("Disabled", "badge badge-bad"),
        };
        view! {
            <tr>
                <th scope="row">{template.name}</th>
                <td>{template.language.as_str()}</td>
                <td><span class=class>{words}</span></td>
                <td>{template.reason}</td>
                <td>{template.problem}</td>
            </tr>
        }
    });
    let label = format!("Templates at {provider}");
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Template"</th>
                        <th scope="col">"Language"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"What to do"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Prices(prices: Vec<MessagePrice>) -> impl IntoView {
    let content = match prices.is_empty() {
        true => view! {
            <p class="muted">
                "No prices are written down. Copy them from the provider's list into MARIGOLD_MESSAGE_PRICES."
            </p>
        }
        .into_any(),
        false => view! { <PriceTable prices/> }.into_any(),
    };
    view! {
        <section class="stack" aria-labelledby="prices">
            <h2 id="prices">"Prices"</h2>
            {content}
        </section>
    }
}

#[component]
fn PriceTable(prices: Vec<MessagePrice>) -> impl IntoView {
    let rows = prices.into_iter().map(|price| {
        let channel = match price.channel {
            Channel::WhatsApp => "WhatsApp",
            Channel::Sms => "Text message",
        };
        let to = price.dial_code.map_or("All others".into(), |code| format!("+{code}"));
        view! {
            <tr>
                <th scope="row">{price.provider.clone()}</th>
                <td>{channel}</td>
                <td>{to}</td>
                <td>{price.amount()}</td>
                <td><time datetime=price.since.to_string()>{price.since.to_string()}</time></td>
            </tr>
        }
    });
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Prices">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Provider"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"To"</th>
                        <th scope="col">"Per message"</th>
                        <th scope="col">"Since"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
