//! The rules that hold for every endpoint.

use crate::support::api_test;

api_test!(an_unknown_path_is_a_problem_document, |app| {
    app.guest().get("/api/v1/nothing").problem(404, "not_found");
});
