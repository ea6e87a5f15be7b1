//! The providers and their state, their templates, and the prices of messages.

use domain::{Channel, MessagePrice};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::{
    check::Report,
    delivery::{BreakerView, ProviderView},
    providers::TemplateStatus,
    templates::{JobView, TemplateView},
};
use web::routes;

use super::{
    super::{
        Alert, Flash, Form, PageContext, dates::DateTime, expect_shop, expect_visitor, page,
        take_flash,
    },
    Frame,
};

/// The page about messaging. `?check=yes` checks the providers first.
#[component]
pub fn MessagingPage() -> impl IntoView {
    let is_check = use_query_map().get_untracked().get("check").is_some_and(|asked| asked == "yes");
    let PageContext { common, message_prices, .. } = PageContext::current();
    page(async move {
        let (shop, visitor) = (expect_shop()?, expect_visitor()?);
        let merchant = shop.merchant(&visitor)?;
        let templates = merchant.templates().await?;
        let providers = merchant.providers();
        let reports = match common.filter(|_| is_check) {
            Some(common) => merchant.check_providers(&common).await?,
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
        let mut flash = take_flash()?;
        let managed = managed.into_iter().map(|one| {
            let anchor = format!("templates-{}", one.provider);
            let flash = flash.take_at(&anchor);
            view! { <OfProvider one anchor flash/> }.into_any()
        });
        let managed = managed.collect();
        Ok(view! {
            <Frame title=t!("merchant-messaging") tab=routes::MERCHANT_MESSAGING>
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
            BreakerView::Closed => (t!("provider-in-use"), "badge badge-good"),
            BreakerView::Open { seconds } => {
                (t!("provider-paused", seconds = seconds), "badge badge-bad")
            }
            BreakerView::HalfOpen => (t!("provider-probed"), "badge"),
        };
        let problem = provider.last_problem.map(|(at, words)| {
            view! { <p>{words}</p><p class="hint"><DateTime at/></p> }
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
            <h2 id="providers">{t!("providers-title")}</h2>
            <p class="hint">{t!("providers-about")}</p>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("providers-title")>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t!("providers-order")}</th>
                            <th scope="col">{t!("provider")}</th>
                            <th scope="col">{t!("providers-state")}</th>
                            <th scope="col">{t!("providers-problem")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            <form method="get" action=routes::MERCHANT_MESSAGING>
                <input type="hidden" name="check" value="yes"/>
                <button class="button" type="submit">{t!("providers-check")}</button>
            </form>
        </section>
    }
}

/// The findings of the check; nothing without `?check=yes`.
#[component]
fn Checks(reports: Vec<Report>) -> impl IntoView {
    if reports.is_empty() {
        return ().into_any();
    }
    let is_good = reports.iter().all(Report::is_good);
    let words = if is_good { t!("check-good") } else { t!("check-bad") };
    let lines = reports.into_iter().flat_map(|report| {
        let provider = report.provider;
        report.findings.into_iter().map(move |finding| {
            let (class, word, detail) = match finding.outcome {
                Ok(detail) => ("badge badge-good", t!("check-ok"), detail),
                Err(advice) => ("badge badge-bad", t!("check-change"), advice),
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
            <h2 id="checks">{t!("checks-title")}</h2>
            <p role="status">{words}</p>
            <ul class="stack-tight">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// The templates of one provider, and its last job.
struct Managed {
    provider: &'static str,
    wish: Option<JobView>,
    templates: Vec<TemplateView>,
}

#[component]
fn Templates(managed: Vec<AnyView>) -> impl IntoView {
    let content = match managed.is_empty() {
        true => view! { <p class="muted">{t!("templates-none")}</p> }.into_any(),
        false => managed.into_any(),
    };
    view! {
        <section class="stack" aria-labelledby="templates">
            <h2 id="templates">{t!("templates-title")}</h2>
            <p class="hint">{t!("templates-about")}</p>
            {content}
        </section>
    }
}

/// The templates of a provider. The forms come back to `anchor`.
#[component]
fn OfProvider(one: Managed, anchor: String, flash: Flash) -> impl IntoView {
    let Managed { provider, wish, templates } = one;
    let approved = templates.iter().filter(|template| template.problem.is_none()).count();
    let is_complete = approved == templates.len();
    let summary = t!("templates-summary", approved = approved, all = templates.len());
    let wish = wish.map(|wish| {
        let words = match wish.is_running {
            true => vec![t!("templates-asking")],
            false => wish.lines,
        };
        let lines = words.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
        view! { <div class="notice" role="status">{lines}<p class="hint"><DateTime at=wish.at/></p></div> }
    });
    let button = |action: &'static str, label: String, name: String| {
        view! {
            <Form action=action anchor=anchor.clone()>
                <input type="hidden" name="provider" value=provider/>
                <button class="button" type="submit" aria-label=name>{label}</button>
            </Form>
        }
    };
    view! {
        <h3 id=anchor.clone()>{provider}</h3>
        <Alert flash/>
        <div class="cluster">
            {button(
                routes::api::MERCHANT_MESSAGING_SUBMIT,
                t!("templates-submit"),
                t!("templates-submit-at", provider = provider),
            )}
            {button(
                routes::api::MERCHANT_MESSAGING_SYNC,
                t!("templates-sync"),
                t!("templates-sync-at", provider = provider),
            )}
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
            None => (t!("template-unknown"), "badge"),
            Some(TemplateStatus::Pending) => (t!("template-pending"), "badge"),
            Some(TemplateStatus::Approved) => (t!("template-approved"), "badge badge-good"),
            Some(TemplateStatus::Rejected) => (t!("template-rejected"), "badge badge-bad"),
            Some(TemplateStatus::Paused) => (t!("template-paused"), "badge badge-bad"),
            Some(TemplateStatus::Disabled) => (t!("template-disabled"), "badge badge-bad"),
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
    let label = t!("templates-at", provider = provider);
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("template-name")}</th>
                        <th scope="col">{t!("template-language")}</th>
                        <th scope="col">{t!("template-status")}</th>
                        <th scope="col">{t!("template-reason")}</th>
                        <th scope="col">{t!("template-advice")}</th>
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
                {t!("prices-none")}
            </p>
        }
        .into_any(),
        false => view! { <PriceTable prices/> }.into_any(),
    };
    view! {
        <section class="stack" aria-labelledby="prices">
            <h2 id="prices">{t!("prices-title")}</h2>
            {content}
        </section>
    }
}

#[component]
fn PriceTable(prices: Vec<MessagePrice>) -> impl IntoView {
    let rows = prices.into_iter().map(|price| {
        let channel = match price.channel {
            Channel::WhatsApp => t!("whatsapp"),
            Channel::Sms => t!("text-message"),
        };
        let to = price.dial_code.map_or_else(|| t!("prices-others"), |code| format!("+{code}"));
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
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("prices-title")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("provider")}</th>
                        <th scope="col">{t!("prices-by")}</th>
                        <th scope="col">{t!("prices-to")}</th>
                        <th scope="col">{t!("prices-per-message")}</th>
                        <th scope="col">{t!("prices-since")}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
