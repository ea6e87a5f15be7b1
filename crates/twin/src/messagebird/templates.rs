//! Templates of WhatsApp at MessageBird: Meta's, in other clothes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Problem, error, not_found, object};
use crate::call::{Answer, Call};
use crate::json::text;
use crate::templates::Template;
use crate::world::{World, iso};

/// What lies under `…/platforms/whatsapp/templates`.
pub(super) fn route(world: &Arc<World>, call: &Call, method: &str, path: &[&str]) -> Answer {
    let select = |name: &str, language: Option<&str>| {
        world.templates.select(|each| {
            each.name == name && language.is_none_or(|wanted| each.language == wanted)
        })
    };
    match (method, path) {
        ("POST", []) => create(world, call),
        ("GET", []) => {
            let all: Vec<Value> =
                world.templates.select(|_| true).iter().map(|each| show(world, each)).collect();
            Answer::json(
                200,
                &json!({ "offset": 0, "limit": all.len(), "count": all.len(),
                "totalCount": all.len(), "items": all }),
            )
        }
        ("GET", [name]) => match select(name, None).as_slice() {
            [] => not_found(world),
            found => {
                let all: Vec<Value> = found.iter().map(|each| show(world, each)).collect();
                Answer::json(200, &Value::from(all))
            }
        },
        ("GET", [name, language]) => match select(name, Some(language)).first() {
            None => not_found(world),
            Some(found) => Answer::json(200, &show(world, found)),
        },
        ("PUT", [name, language]) => {
            world.templates.remove(|each| each.name == *name && each.language == *language);
            create(world, call)
        }
        ("DELETE", [name, rest @ ..]) => {
            let language = rest.first();
            let removed = world.templates.remove(|each| {
                each.name == *name && language.is_none_or(|wanted| each.language == *wanted)
            });
            if removed == 0 { not_found(world) } else { Answer::empty(204) }
        }
        _ => not_found(world),
    }
}

fn create(world: &Arc<World>, call: &Call) -> Answer {
    match object(call).and_then(|body| read(world, body)) {
        Ok(template) => {
            let mut shown = show(world, &template);
            crate::json::put(&mut shown, "status", "PENDING");
            // A template of the same name and language was refused by `read`.
            let _ = crate::meta::templates::hand_in(world, template);
            Answer::json(201, &shown)
        }
        Err(problem) => error(world, problem),
    }
}

fn read(world: &World, mut body: Value) -> Result<Template, Problem> {
    text(&body, "/wabaID").ok_or_else(|| Problem::missing("wabaID"))?;
    if let Some(object) = body.as_object_mut() {
        object.remove("wabaID");
    }
    let language = text(&body, "/language").unwrap_or_default();
    let template = crate::meta::templates::read(world, &body, language)
        .map_err(|problem| Problem::invalid("components", problem.title()))?;
    if world.templates.find(&template.name, &template.language).is_some() {
        return Err(Problem::invalid("name", "there is such a template already"));
    }
    Ok(template)
}

fn show(world: &World, template: &Template) -> Value {
    json!({
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "components": template.components,
        "status": template.status(),
        "rejectedReason": template.reason(),
        "wabaID": "102290129340398",
        "namespace": world.config.account.messagebird_namespace,
        "createdAt": iso(template.created_at),
        "updatedAt": iso(template.created_at),
    })
}
