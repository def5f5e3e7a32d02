//! What the retention routes take and answer.

use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::registry::PackageType;

const KIND: Shape = Words(PackageType::WORDS);

const CONDITIONS: &[Field] = &[
    ("package_type", Maybe(&KIND)),
    ("name_pattern", Maybe(&Text)),
    ("version_pattern", Maybe(&Text)),
    ("keep_latest", Maybe(&Integer)),
    ("older_than_days", Maybe(&Integer)),
    ("not_downloaded_for_days", Maybe(&Integer)),
];
const RULE: Shape = Named(
    "RetentionRule",
    &Object(&[
        &[("id", Integer)],
        CONDITIONS,
        &[("enabled", Flag), ("next_run_at", Maybe(&Moment))],
    ]),
);
const KEYS: &[Field] = &[
    ("package_type?", Maybe(&KIND)),
    ("name_pattern?", Maybe(&Text)),
    ("version_pattern?", Maybe(&Text)),
    ("keep_latest?", Maybe(&Integer)),
    ("older_than_days?", Maybe(&Integer)),
    ("not_downloaded_for_days?", Maybe(&Integer)),
    ("enabled?", Flag),
];
pub(super) const LIST: Operation = Operation::new("Retention rules", Json(200, &List(&RULE)));
pub(super) const CREATE: Operation =
    Operation::new("Make a retention rule", Json(201, &RULE)).takes(&[KEYS]);
pub(super) const UPDATE: Operation =
    Operation::new("Change a retention rule", Json(200, &RULE)).takes(&[KEYS]);
pub(super) const REMOVE: Operation = Operation::new("Delete a retention rule", Empty(204));

const FINDINGS: Shape = Named(
    "RetentionFindings",
    &Object(&[&[
        (
            "packages",
            List(&Object(&[&[
                ("id", Integer),
                ("project_id", Integer),
                ("name", Text),
                ("version", Maybe(&Text)),
                ("package_type", KIND),
                ("bytes", Integer),
                ("rule_id", Integer),
                ("reason", Text),
            ]])),
        ),
        ("bytes", Integer),
        (
            "rules",
            List(&Object(&[&[
                ("id", Integer),
                ("packages", Integer),
                ("bytes", Integer),
                ("failed", Flag),
                ("message", Maybe(&Text)),
            ]])),
        ),
        ("truncated", Flag),
    ]]),
);
pub(super) const PREVIEW: Operation =
    Operation::new("What the retention rules would take", Json(200, &FINDINGS));
pub(super) const RUN: Operation = Operation::new("Run the retention rules", Json(200, &FINDINGS));

const REMOVED: Shape = Named(
    "Removal",
    &Object(&[&[
        ("id", Integer),
        ("project_id", Maybe(&Integer)),
        ("package_id", Maybe(&Integer)),
        ("package_type", KIND),
        ("name", Text),
        ("version", Maybe(&Text)),
        ("file_name", Maybe(&Text)),
        ("bytes", Integer),
        ("rule_id", Maybe(&Integer)),
        ("reason", Text),
        ("removed_at", Moment),
    ]]),
);
pub(super) const REMOVALS: Operation =
    Operation::new("What cleanups have removed", Pages(&REMOVED));

const CLEANUP_POLICY: Shape = Named(
    "CleanupPolicy",
    &Object(&[&[
        ("keep_n_duplicated_package_files", Text),
        ("next_run_at", Maybe(&Moment)),
    ]]),
);
pub(super) const POLICY: Operation = Operation::new(
    "How many files of one name stay",
    Json(200, &CLEANUP_POLICY),
);
pub(super) const SET_POLICY: Operation =
    Operation::new("Change the cleanup policy", Json(200, &CLEANUP_POLICY))
        .takes(&[&[("keep_n_duplicated_package_files?", Text)]]);
pub(super) const RUN_POLICY: Operation = Operation::new(
    "Run the cleanup policy",
    Json(
        200,
        &Named(
            "RemovedDuplicates",
            &Object(&[&[
                (
                    "files",
                    List(&Object(&[&[
                        ("id", Integer),
                        ("package_id", Integer),
                        ("package_type", KIND),
                        ("name", Text),
                        ("version", Maybe(&Text)),
                        ("file_name", Text),
                        ("bytes", Integer),
                    ]])),
                ),
                ("count", Integer),
                ("bytes", Integer),
            ]]),
        ),
    ),
);
