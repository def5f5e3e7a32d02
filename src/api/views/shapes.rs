//! The shapes of the views, key by key: what the description of the API says of them.

use crate::http::describe::{Field, Shape, Shape::*};
use crate::registry::{
    PIPELINE_SOURCES, PIPELINE_STATUSES, PackageStatus, PackageType, Visibility,
};

const NOTHING: Shape = List(&Null);

pub(in crate::api) const USER_KEYS: &[Field] = &[
    ("id", Integer),
    ("username", Text),
    ("public_email", Text),
    ("name", Text),
    ("state", Words(&["active", "blocked"])),
    ("locked", Flag),
    ("avatar_url", Null),
    ("web_url", Text),
];
/// GitLab's "basic user".
pub(in crate::api) const USER: Shape = Named("BasicUser", &Object(&[USER_KEYS]));

/// As anybody sees it.
pub(in crate::api) const USER_DETAIL: Shape = Named(
    "User",
    &Object(&[
        USER_KEYS,
        &[("created_at", Moment), ("bio", Text), ("bot", Flag)],
    ]),
);

/// As it sees itself; administrators see the last keys too.
pub(in crate::api) const WHOLE_USER: Shape = Named(
    "WholeUser",
    &Object(&[
        USER_KEYS,
        &[
            ("created_at", Moment),
            ("bio", Text),
            ("location", Text),
            ("linkedin", Text),
            ("twitter", Text),
            ("discord", Text),
            ("website_url", Text),
            ("github", Text),
            ("organization", Text),
            ("job_title", Text),
            ("pronouns", Null),
            ("bot", Flag),
            ("work_information", Null),
            ("local_time", Null),
            ("last_sign_in_at", Null),
            ("confirmed_at", Moment),
            ("last_activity_on", Null),
            ("email", Maybe(&Text)),
            ("theme_id", Null),
            ("color_scheme_id", Null),
            ("projects_limit", Integer),
            ("current_sign_in_at", Null),
            ("identities", NOTHING),
            ("can_create_group", Flag),
            ("can_create_project", Flag),
            ("two_factor_enabled", Flag),
            ("external", Flag),
            ("private_profile", Flag),
            ("commit_email", Maybe(&Text)),
            ("preferred_language", Text),
            ("namespace_id", Maybe(&Integer)),
            ("is_admin?", Flag),
            ("note?", Null),
            ("created_by?", Null),
        ],
    ]),
);

pub(in crate::api) const MEMBER: Shape = Named(
    "Member",
    &Object(&[
        USER_KEYS,
        &[
            ("access_level", Integer),
            ("created_at", Moment),
            ("created_by?", USER),
            ("expires_at", Maybe(&Date)),
            ("membership_state", Text),
        ],
    ]),
);

/// A pipeline without its user.
pub(in crate::api) const BRIEF_PIPELINE_KEYS: &[Field] = &[
    ("id", Integer),
    ("iid", Integer),
    ("project_id", Integer),
    ("sha", Text),
    ("ref", Text),
    ("status", Words(PIPELINE_STATUSES)),
    ("source", Words(PIPELINE_SOURCES)),
    ("created_at", Moment),
    ("updated_at", Moment),
    ("web_url", Text),
];
pub(in crate::api) const BRIEF_PIPELINE: Shape =
    Named("BriefPipeline", &Object(&[BRIEF_PIPELINE_KEYS]));
const OF_USER: &[Field] = &[("user", Maybe(&USER))];
pub(in crate::api) const PIPELINE: Shape =
    Named("Pipeline", &Object(&[BRIEF_PIPELINE_KEYS, OF_USER]));

/// With what only its own route shows.
pub(in crate::api) const WHOLE_PIPELINE: Shape = Named(
    "WholePipeline",
    &Object(&[
        BRIEF_PIPELINE_KEYS,
        OF_USER,
        &[
            ("before_sha", Text),
            ("tag", Flag),
            ("yaml_errors", Null),
            ("started_at", Maybe(&Moment)),
            ("finished_at", Maybe(&Moment)),
            ("committed_at", Null),
            ("duration", Maybe(&Integer)),
            ("queued_duration", Null),
            ("coverage", Maybe(&Text)),
            ("name", Maybe(&Text)),
            (
                "detailed_status",
                Object(&[&[
                    ("icon", Text),
                    ("text", Text),
                    ("label", Text),
                    ("group", Text),
                    ("tooltip", Text),
                    ("has_details", Flag),
                    ("details_path", Text),
                ]]),
            ),
        ],
    ]),
);

const TAG: Shape = Named(
    "PackageTag",
    &Object(&[&[
        ("id", Integer),
        ("package_id", Integer),
        ("name", Text),
        ("created_at", Moment),
        ("updated_at", Moment),
        ("project_id", Integer),
    ]]),
);

const VERSION: Shape = Named(
    "PackageVersion",
    &Object(&[&[
        ("id", Integer),
        ("version", Maybe(&Text)),
        ("created_at", Moment),
        ("tags", List(&TAG)),
        ("pipeline?", PIPELINE),
        ("pipelines?", List(&PIPELINE)),
    ]]),
);

const PACKAGE_KEYS: &[Field] = &[
    ("id", Integer),
    ("name", Text),
    ("conan_package_name?", Text),
    ("version", Maybe(&Text)),
    ("package_type", Words(PackageType::WORDS)),
    ("status", Words(PackageStatus::WORDS)),
    (
        "_links",
        Object(&[&[("web_path?", Text), ("delete_api_path?", Text)]]),
    ),
    ("created_at", Moment),
    ("last_downloaded_at", Maybe(&Moment)),
    ("creator_id", Maybe(&Integer)),
    ("tags", List(&TAG)),
    ("pipeline?", PIPELINE),
    ("pipelines?", NOTHING),
];
pub(in crate::api) const PACKAGE: Shape = Named("Package", &Object(&[PACKAGE_KEYS]));
pub(in crate::api) const GROUP_PACKAGE: Shape = Named(
    "GroupPackage",
    &Object(&[
        PACKAGE_KEYS,
        &[("project_id", Integer), ("project_path", Text)],
    ]),
);
pub(in crate::api) const PACKAGE_DETAIL: Shape = Named(
    "PackageDetail",
    &Object(&[PACKAGE_KEYS, &[("versions", List(&VERSION))]]),
);

pub(in crate::api) const PACKAGE_FILE: Shape = Named(
    "PackageFile",
    &Object(&[&[
        ("id", Integer),
        ("package_id", Integer),
        ("created_at", Moment),
        ("file_name", Text),
        ("size", Integer),
        ("file_md5", Text),
        ("file_sha1", Text),
        ("file_sha256", Text),
        ("pipelines?", List(&PIPELINE)),
    ]]),
);

const NAMESPACE_KEYS: &[Field] = &[
    ("id", Integer),
    ("name", Text),
    ("path", Text),
    ("kind", Words(&["group", "user"])),
    ("full_path", Text),
    ("parent_id", Maybe(&Integer)),
    ("avatar_url", Null),
    ("web_url", Text),
];
pub(in crate::api) const NAMESPACE: Shape = Named(
    "Namespace",
    &Object(&[
        NAMESPACE_KEYS,
        &[("members_count_with_descendants?", Integer)],
    ]),
);

const PROJECT_KEYS: &[Field] = &[
    ("id", Integer),
    ("description", Maybe(&Text)),
    ("name", Text),
    ("name_with_namespace", Text),
    ("path", Text),
    ("path_with_namespace", Text),
    ("created_at", Moment),
    ("default_branch", Text),
    ("tag_list", List(&Text)),
    ("topics", List(&Text)),
    ("ssh_url_to_repo", Null),
    ("http_url_to_repo", Text),
    ("web_url", Text),
    ("readme_url", Null),
    ("forks_count", Integer),
    ("avatar_url", Null),
    ("star_count", Integer),
    ("last_activity_at", Moment),
    ("visibility", Words(Visibility::WORDS)),
    (
        "namespace",
        Named("ProjectNamespace", &Object(&[NAMESPACE_KEYS])),
    ),
];
const MEMBERSHIP: Shape = Maybe(&Object(&[&[
    ("access_level", Integer),
    ("notification_level", Integer),
]]));
/// In the two forms of a level, what may be seen of a feature.
const LEVEL: Shape = Words(&["disabled", "private", "enabled", "public"]);
pub(in crate::api) const FULL_PROJECT: Shape = Named(
    "Project",
    &Object(&[
        PROJECT_KEYS,
        &[
            ("_links", Object(&[&[("self", Text), ("members", Text)]])),
            ("packages_enabled", Flag),
            ("package_registry_access_level", LEVEL),
            ("empty_repo", Flag),
            ("archived", Flag),
            ("creator_id", Maybe(&Integer)),
            ("import_status", Text),
            ("open_issues_count", Integer),
            ("updated_at", Moment),
            ("ci_job_token_scope_enabled", Flag),
            ("public_jobs", Flag),
            ("shared_with_groups", NOTHING),
            ("jobs_enabled", Flag),
            ("builds_access_level", LEVEL),
            ("repository_access_level", LEVEL),
            ("issues_enabled", Flag),
            ("merge_requests_enabled", Flag),
            ("wiki_enabled", Flag),
            ("container_registry_enabled", Flag),
            (
                "permissions",
                Object(&[&[("project_access", MEMBERSHIP), ("group_access", MEMBERSHIP)]]),
            ),
            ("owner?", USER),
        ],
    ]),
);
/// Basic for anonymous callers and where `simple` is asked for.
pub(in crate::api) const PROJECT: Shape = Either(&[
    FULL_PROJECT,
    Named("BasicProject", &Object(&[PROJECT_KEYS])),
]);

const GROUP_KEYS: &[Field] = &[
    ("id", Integer),
    ("web_url", Text),
    ("name", Text),
    ("path", Text),
    ("description", Maybe(&Text)),
    ("visibility", Words(Visibility::WORDS)),
    ("share_with_group_lock", Flag),
    ("require_two_factor_authentication", Flag),
    ("two_factor_grace_period", Integer),
    ("project_creation_level", Text),
    ("auto_devops_enabled", Null),
    ("subgroup_creation_level", Text),
    ("emails_disabled", Flag),
    ("emails_enabled", Flag),
    ("mentions_disabled", Null),
    ("lfs_enabled", Flag),
    ("default_branch", Null),
    ("default_branch_protection", Integer),
    ("avatar_url", Null),
    ("request_access_enabled", Flag),
    ("full_name", Text),
    ("full_path", Text),
    ("created_at", Moment),
    ("parent_id", Maybe(&Integer)),
    ("organization_id", Integer),
];
pub(in crate::api) const GROUP: Shape = Named("Group", &Object(&[GROUP_KEYS]));
pub(in crate::api) const GROUP_DETAIL: Shape = Named(
    "GroupDetail",
    &Object(&[
        GROUP_KEYS,
        &[
            ("shared_with_groups", NOTHING),
            ("projects?", List(&PROJECT)),
            ("shared_projects?", NOTHING),
        ],
    ]),
);

/// What is deleted in the background.
pub(in crate::api) const ACCEPTED: Shape = Object(&[&[("message", Text)]]);
