//! The addresses of `web::routes` and the routes that `src` gives its router, read from the
//! sources: neither constants nor a router can be listed by a program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A route that `src` gives to its router.
pub struct Route {
    /// Its constant in `web::routes`, such as `simulator::FIND`.
    pub name: String,
    /// Its address.
    pub path: String,
    /// Whether it accepts other methods than GET.
    pub takes_changes: bool,
}

/// Every constant of `web::routes` with its module, such as `api::LOGIN`, and its address.
/// The beginnings of many addresses and addresses with a query are left out.
pub fn addresses() -> BTreeMap<String, String> {
    let file = root().join("crates/web/src/routes.rs");
    let mut module = String::new();
    let mut found = BTreeMap::new();
    for line in fs::read_to_string(file).unwrap().lines() {
        if let Some(name) = line.strip_prefix("pub mod ") {
            module = format!("{}::", name.trim_end_matches(" {"));
        } else if line == "}" {
            module.clear();
        }
        let constant = line.trim_start().strip_prefix("pub const ");
        let constant = constant.and_then(|constant| constant.split_once(": &str = "));
        let Some((name, value)) = constant else { continue };
        let path = value.trim_matches(['"', ';']);
        if !name.ends_with("PREFIX") && path.starts_with('/') && !path.contains('?') {
            found.insert(format!("{module}{name}"), path.to_owned());
        }
    }
    assert!(found.len() > 70, "the list of addresses was not understood: {found:?}");
    found
}

/// The routes of `src`: the router is given each by `route`, `route_service` or
/// `nest_service`, on one line as rustfmt leaves it.
pub fn routes_by_hand() -> Vec<Route> {
    let addresses = addresses();
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                found.extend(program.lines().filter_map(|line| route(line, &addresses)));
            }
        }
    }
    assert!(found.len() > 8, "the sources were not understood");
    found
}

fn route(line: &str, addresses: &BTreeMap<String, String>) -> Option<Route> {
    let call =
        line.trim_start().strip_prefix('.').or_else(|| line.split_once("().").map(|it| it.1))?;
    let (method, arguments) = call.split_once('(')?;
    if !["route", "route_service", "nest_service"].contains(&method) {
        return None;
    }
    let (name, handler) = arguments.split_once(", ").unwrap_or((arguments, ""));
    let known = name.strip_prefix("routes::").and_then(|name| addresses.get_key_value(name));
    let (name, path) = known.unwrap_or_else(|| panic!("not an address of `web::routes`: {line}"));
    let changing = ["post(", "put(", "patch(", "delete(", "any("];
    let takes_changes = changing.iter().any(|method| handler.contains(method));
    Some(Route { name: name.clone(), path: path.clone(), takes_changes })
}

/// The values of the constants whose names `is_wanted`.
pub fn paths(is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let wanted = addresses().into_iter().filter(|(name, _)| is_wanted(name));
    wanted.map(|(_, path)| path).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
