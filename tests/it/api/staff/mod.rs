//! Who works here and what they may do: roles, invitations, API keys.

mod invitations;
mod keys;
mod members;
mod roles;

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Member, TestApp};

/// The path of a member of the staff.
fn path(member: &Member) -> String {
    format!("/api/v1/admin/staff/{}", member.id())
}

/// A change, whatever the version.
fn change(who: &Client, path: &str, body: &Value) -> Answer {
    who.request("PATCH", path).header("If-Match", "*").json(body).send()
}

/// A deletion, whatever the version.
fn delete(who: &Client, path: &str) -> Answer {
    who.request("DELETE", path).header("If-Match", "*").send()
}

/// A new role of these rights, made by an admin: its id.
fn role(app: &TestApp, name: &str, rights: &[&str]) -> String {
    let body = json!({"name": name, "rights": rights});
    let made = app.staff(Role::Admin).post("/api/v1/admin/roles", &body).expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

/// Somebody who may look after the staff and their orders, and nothing else.
fn head_of_staff(app: &TestApp) -> Member {
    let role_id = role(app, "Head of staff", &["staff:read", "staff:write", "orders:read"]);
    let head = app.staff(Role::Viewer);
    change(&app.staff(Role::Admin), &path(&head), &json!({"role_id": role_id})).expect(200);
    head
}

/// What the audit log holds of these actions, the earliest first.
fn told(app: &TestApp, subject: &str) -> Vec<String> {
    let page = app.staff(Role::Admin).get(&format!("/api/v1/admin/audit-log?subject_id={subject}")).ok();
    page["items"].as_array().unwrap().iter().rev().map(|it| it["action"].as_str().unwrap().to_owned()).collect()
}
