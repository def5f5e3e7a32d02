-- The present shape of packhouse.db. A new database is made from this file; an older one is
-- brought here by the steps in src/storage/db/migrations.rs.
--
-- Times are TEXT, RFC 3339 in UTC with milliseconds ('2026-11-21T20:15:00.000Z'), so that they sort as text.
-- Dates are TEXT 'YYYY-MM-DD'. Booleans are INTEGER 0 or 1. Digests are lower-case hex.
-- Secrets are never here: a token is known by the SHA-256 of its random value alone.

---------------------------------------------------------------------------------------------------
-- Who there is
---------------------------------------------------------------------------------------------------

CREATE TABLE users (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: a token of a deleted user must not find a new one
    username    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    email       TEXT    NOT NULL,
    admin       INTEGER NOT NULL DEFAULT 0,
    external    INTEGER NOT NULL DEFAULT 0,         -- sees internal projects only as a member
    bot         INTEGER NOT NULL DEFAULT 0,         -- stands behind a project or group access token
    state       TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
    created_at  TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_by_username ON users (lower(username));
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- Groups, and one personal namespace for each user: one id sequence and one name space for both, as in GitLab.
CREATE TABLE namespaces (
    id                      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind                    TEXT    NOT NULL CHECK (kind IN ('group', 'user')),
    user_id                 INTEGER REFERENCES users (id) ON DELETE CASCADE,       -- kind 'user': whose
    parent_id               INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    name                    TEXT    NOT NULL,
    path                    TEXT    NOT NULL,        -- last segment
    full_path               TEXT    NOT NULL,        -- 'acme/sub'
    full_path_key           TEXT    NOT NULL UNIQUE, -- lower case: paths are looked up without regard to case
    description             TEXT    NOT NULL DEFAULT '',
    visibility              INTEGER NOT NULL,        -- 0 private, 10 internal, 20 public
    project_creation_level  TEXT    NOT NULL DEFAULT 'developer',
    subgroup_creation_level TEXT    NOT NULL DEFAULT 'maintainer',
    created_at              TEXT    NOT NULL
) STRICT;
CREATE INDEX namespaces_by_parent ON namespaces (parent_id);
CREATE INDEX namespaces_by_user ON namespaces (user_id);

-- The namespaces above each namespace, itself at distance 0 included. Namespaces do not move.
CREATE TABLE namespace_ancestors (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    ancestor_id  INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    distance     INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, distance)
) STRICT, WITHOUT ROWID;
CREATE INDEX namespace_ancestors_by_ancestor ON namespace_ancestors (ancestor_id);
CREATE TRIGGER namespace_ancestors_insert AFTER INSERT ON namespaces BEGIN
    INSERT INTO namespace_ancestors (namespace_id, ancestor_id, distance) VALUES (new.id, new.id, 0);
    INSERT INTO namespace_ancestors (namespace_id, ancestor_id, distance)
    SELECT new.id, ancestor_id, distance + 1 FROM namespace_ancestors WHERE namespace_id = new.parent_id;
END;

CREATE TABLE projects (
    id                            INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id                  INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    name                          TEXT    NOT NULL,
    path                          TEXT    NOT NULL,
    full_path                     TEXT    NOT NULL,
    full_path_key                 TEXT    NOT NULL UNIQUE,
    description                   TEXT,
    visibility                    INTEGER NOT NULL,                    -- 0 private, 10 internal, 20 public
    package_registry_access_level TEXT    NOT NULL DEFAULT 'enabled'
        CHECK (package_registry_access_level IN ('disabled', 'private', 'enabled', 'public')),
    builds_access_level           TEXT    NOT NULL DEFAULT 'enabled'
        CHECK (builds_access_level IN ('disabled', 'private', 'enabled')),
    public_jobs                   INTEGER NOT NULL DEFAULT 1,          -- 0: only reporters and above see pipelines
    ci_job_token_scope_enabled    INTEGER NOT NULL DEFAULT 0,
    inbound_job_token_scope       INTEGER NOT NULL DEFAULT 1,          -- 1: other projects' jobs need the allowlist
    default_branch                TEXT    NOT NULL DEFAULT 'main',
    topics                        TEXT    NOT NULL DEFAULT '[]',       -- JSON array of text
    creator_id                    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    packages_revision             INTEGER NOT NULL DEFAULT 0,          -- grows with every change to the project's packages
    created_at                    TEXT    NOT NULL,
    updated_at                    TEXT    NOT NULL
) STRICT;
CREATE INDEX projects_by_namespace ON projects (namespace_id);

CREATE TABLE members (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    access_level INTEGER NOT NULL,                                    -- 10 guest … 50 owner
    created_by   INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at   TEXT    NOT NULL,
    expires_at   TEXT,                                                -- a date; over when it begins
    CHECK ((namespace_id IS NULL) <> (project_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX members_of_namespace ON members (user_id, namespace_id) WHERE namespace_id IS NOT NULL;
CREATE UNIQUE INDEX members_of_project ON members (user_id, project_id) WHERE project_id IS NOT NULL;
CREATE INDEX members_by_user ON members (user_id);
CREATE INDEX members_by_namespace ON members (namespace_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX members_by_project ON members (project_id) WHERE project_id IS NOT NULL;

---------------------------------------------------------------------------------------------------
-- What they show at the door
---------------------------------------------------------------------------------------------------

-- Personal access tokens, and those of projects and groups (their user is a bot).
CREATE TABLE access_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,  -- of a group access token
    project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,    -- of a project access token
    sha256       TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    description  TEXT,
    scopes       TEXT    NOT NULL,                                      -- JSON array: ["api"]
    revoked      INTEGER NOT NULL DEFAULT 0,
    rotated_from INTEGER REFERENCES access_tokens (id) ON DELETE SET NULL,
    created_at   TEXT    NOT NULL,
    expires_at   TEXT,                                                  -- a date; over when it begins
    last_used_at TEXT
) STRICT;
CREATE INDEX access_tokens_by_user ON access_tokens (user_id);
CREATE INDEX access_tokens_by_namespace ON access_tokens (namespace_id);
CREATE INDEX access_tokens_by_project ON access_tokens (project_id);
CREATE INDEX access_tokens_by_rotated_from ON access_tokens (rotated_from) WHERE rotated_from IS NOT NULL;

CREATE TABLE deploy_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    sha256       TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    username     TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,                                      -- JSON array
    revoked      INTEGER NOT NULL DEFAULT 0,
    created_by   INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at   TEXT    NOT NULL,
    expires_at   TEXT,                                                  -- a time
    CHECK ((namespace_id IS NULL) <> (project_id IS NULL))
) STRICT;
CREATE INDEX deploy_tokens_by_namespace ON deploy_tokens (namespace_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX deploy_tokens_by_project ON deploy_tokens (project_id) WHERE project_id IS NOT NULL;

-- What stands for one of these tokens for a while, where a client wants a token of the registry's own making: Conan's login,
-- Terraform's archive address, the page's session. It can do what the token behind it can do, as long as that lives.
CREATE TABLE session_tokens (
    sha256          TEXT    PRIMARY KEY,
    purpose         TEXT    NOT NULL,                                   -- 'conan': it is good for nothing else
    access_token_id INTEGER REFERENCES access_tokens (id) ON DELETE CASCADE,
    deploy_token_id INTEGER REFERENCES deploy_tokens (id) ON DELETE CASCADE,
    job_id          INTEGER REFERENCES jobs (id) ON DELETE CASCADE,
    expires_at      TEXT    NOT NULL,
    CHECK ((access_token_id IS NOT NULL) + (deploy_token_id IS NOT NULL) + (job_id IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_tokens_by_expires_at ON session_tokens (expires_at);
CREATE INDEX session_tokens_by_access_token ON session_tokens (access_token_id) WHERE access_token_id IS NOT NULL;
CREATE INDEX session_tokens_by_deploy_token ON session_tokens (deploy_token_id) WHERE deploy_token_id IS NOT NULL;
CREATE INDEX session_tokens_by_job ON session_tokens (job_id) WHERE job_id IS NOT NULL;

-- "A CI run somewhere that registered itself."
CREATE TABLE pipelines (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    iid        INTEGER NOT NULL,                                        -- counts from 1 in each project
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    sha        TEXT    NOT NULL,                                        -- 40 hex digits
    ref        TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    name       TEXT,
    user_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL,
    UNIQUE (project_id, iid)
) STRICT;
CREATE INDEX pipelines_by_commit ON pipelines (project_id, sha, ref);

CREATE TABLE commit_statuses (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline_id INTEGER NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    target_url  TEXT,
    description TEXT,
    coverage    REAL,
    user_id     INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at  TEXT    NOT NULL,
    started_at  TEXT,
    finished_at TEXT
) STRICT;
CREATE INDEX commit_statuses_by_pipeline ON commit_statuses (pipeline_id, name);

-- A job exists to carry a token that links uploads to its pipeline.
CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline_id INTEGER NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    status      TEXT    NOT NULL,                                       -- its token lives while it is 'running'
    sha256      TEXT    NOT NULL UNIQUE,
    created_at  TEXT    NOT NULL,
    expires_at  TEXT    NOT NULL
) STRICT;
CREATE INDEX jobs_by_pipeline ON jobs (pipeline_id);

-- Projects and groups whose jobs may use their token here.
CREATE TABLE job_token_allowlist (
    id                  INTEGER PRIMARY KEY,
    project_id          INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    source_project_id   INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    source_namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    CHECK ((source_project_id IS NULL) <> (source_namespace_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX job_token_allowlist_of_project ON job_token_allowlist (project_id, source_project_id, source_namespace_id);

---------------------------------------------------------------------------------------------------
-- What they keep here
---------------------------------------------------------------------------------------------------

-- The content behind files: stored once, at blobs/<first two digits>/<sha256>.
CREATE TABLE blobs (
    sha256 TEXT    PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),  -- bytes
    md5    TEXT    NOT NULL,
    sha1   TEXT    NOT NULL,
    sha512 TEXT                                 -- only where a format has asked for it
) STRICT, WITHOUT ROWID;

-- One row for each package name of a project and type: what search reads, and what ready documents hang on.
CREATE TABLE package_names (
    id           INTEGER PRIMARY KEY,
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_type INTEGER NOT NULL,               -- as packages.package_type
    name_key     TEXT    NOT NULL,               -- what identifies a name: PyPI 'Foo.Bar' and 'foo-bar' are one
    folded       TEXT    NOT NULL,               -- the stored name in lower case, for search; behind it the key, where that is another
    revision     INTEGER NOT NULL DEFAULT 0,     -- grows with every change below this name
    UNIQUE (project_id, package_type, name_key)
) STRICT;
CREATE VIRTUAL TABLE package_names_search USING fts5 (
    folded, content = 'package_names', content_rowid = 'id', tokenize = 'trigram', detail = 'full', columnsize = 0
);
CREATE TRIGGER package_names_search_insert AFTER INSERT ON package_names BEGIN
    INSERT INTO package_names_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER package_names_search_delete AFTER DELETE ON package_names BEGIN
    INSERT INTO package_names_search (package_names_search, rowid, folded) VALUES ('delete', old.id, old.folded);
END;

CREATE TABLE packages (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id         INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name_id            INTEGER NOT NULL REFERENCES package_names (id) ON DELETE CASCADE,
    package_type       INTEGER NOT NULL,             -- 1 maven, 2 npm … GitLab's numbers, which order_by=type sorts by
    name               TEXT    NOT NULL,             -- as published
    version            TEXT,                         -- as published; NULL: versionless (maven-metadata.xml at artifact level)
    version_key        TEXT,                         -- what identifies a version: NuGet '1.0' and '1.0.0' are one
    qualifier          TEXT    NOT NULL DEFAULT '',  -- Conan 'user/channel', Helm channel
    status             INTEGER NOT NULL DEFAULT 0,   -- 0 default 1 hidden 2 processing 3 error 4 pending_destruction 5 deprecated
    status_message     TEXT,                         -- why it is deprecated
    metadata           TEXT,                         -- JSON, typed by the format
    creator_id         INTEGER REFERENCES users (id) ON DELETE SET NULL,
    downloads          INTEGER NOT NULL DEFAULT 0,
    created_at         TEXT    NOT NULL,
    updated_at         TEXT    NOT NULL,             -- not moved by downloads
    last_downloaded_at TEXT
) STRICT;
-- A package that is being destroyed does not stand in the way of a new one.
CREATE UNIQUE INDEX packages_unique ON packages (name_id, coalesce(version_key, ''), qualifier) WHERE status <> 4;
CREATE INDEX packages_by_name_id ON packages (name_id); -- whole: look-ups that do not speak of the status, and foreign keys
CREATE INDEX packages_by_project ON packages (project_id);
-- One index for each order of the lists, of what they show by default, and again below one type. package_list.rs names them.
CREATE INDEX packages_listed ON packages (project_id) WHERE status IN (0, 3, 5) AND version IS NOT NULL;
CREATE INDEX packages_listed_by_name ON packages (project_id, name) WHERE status IN (0, 3, 5) AND version IS NOT NULL;
CREATE INDEX packages_by_name ON packages (project_id, name) WHERE status IN (0, 3, 5);
CREATE INDEX packages_by_version ON packages (project_id, version) WHERE status IN (0, 3, 5);
CREATE INDEX packages_by_type ON packages (project_id, package_type) WHERE status IN (0, 3, 5);
CREATE INDEX packages_of_type_by_name ON packages (project_id, package_type, name) WHERE status IN (0, 3, 5);
CREATE INDEX packages_of_type_by_version ON packages (project_id, package_type, version) WHERE status IN (0, 3, 5);
-- Few packages are in another status than the default: these cost a publish nothing.
CREATE INDEX packages_by_rare_status ON packages (project_id, status) WHERE status <> 0;
CREATE INDEX packages_of_rare_status_by_name ON packages (project_id, status, name) WHERE status <> 0;
CREATE INDEX packages_of_rare_status_by_version ON packages (project_id, status, version) WHERE status <> 0;
CREATE INDEX packages_of_rare_status_by_type ON packages (project_id, status, package_type) WHERE status <> 0;
CREATE INDEX packages_to_destroy ON packages (updated_at) WHERE status = 4;

-- What of a package comes in several uploads and appears as a whole (Conan): the revisions of a recipe, and those of the
-- binaries that were built from one.
CREATE TABLE package_revisions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id   INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    parent_id    INTEGER REFERENCES package_revisions (id) ON DELETE CASCADE,  -- of a binary: the recipe's revision
    reference    TEXT    NOT NULL DEFAULT '',        -- of a binary: which one; '' for a recipe
    revision     TEXT    NOT NULL,
    metadata     TEXT,                               -- what the binary says of itself, as it was sent (conaninfo.txt); of a recipe JSON
    failed       TEXT    NOT NULL DEFAULT '[]',      -- JSON array of text: files that were begun, and did not arrive
    completed_at TEXT,                               -- when its last file came; NULL: nobody sees it yet
    updated_at   TEXT    NOT NULL                    -- what is not complete a day after its last upload is removed
) STRICT;
CREATE UNIQUE INDEX package_revisions_unique ON package_revisions (package_id, coalesce(parent_id, 0), reference, revision);
CREATE INDEX package_revisions_by_parent ON package_revisions (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX package_revisions_incomplete ON package_revisions (updated_at) WHERE completed_at IS NULL;

-- Files of a package. Many rows may point at one blob, and the bytes behind a row never change.
CREATE TABLE package_files (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id  INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    revision_id INTEGER REFERENCES package_revisions (id) ON DELETE CASCADE,  -- NULL: files of this type have none
    file_name   TEXT    NOT NULL,
    sha256      TEXT    NOT NULL REFERENCES blobs (sha256),
    status      INTEGER NOT NULL DEFAULT 0,           -- 0 default, else invisible everywhere; 2 of an incomplete revision
    metadata    TEXT,                                 -- JSON, typed by the format
    downloads   INTEGER NOT NULL DEFAULT 0,
    created_at  TEXT    NOT NULL
) STRICT;
CREATE INDEX package_files_by_revision ON package_files (revision_id, file_name) WHERE revision_id IS NOT NULL;
CREATE INDEX package_files_by_name ON package_files (package_id, file_name);
CREATE INDEX package_files_by_sha256 ON package_files (sha256);  -- gc: is this blob still used?
CREATE INDEX package_files_by_reference ON package_files (metadata ->> '$.reference') WHERE metadata ->> '$.reference' IS NOT NULL;  -- Composer

-- What a project holds, by type: its files that are not being destroyed, each with its full size. The triggers keep it,
-- so that no change of a row is forgotten, and pass each change on to the namespaces above.
CREATE TABLE project_storage (
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_type INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    files        INTEGER NOT NULL,
    PRIMARY KEY (project_id, package_type)
) STRICT, WITHOUT ROWID;
CREATE TABLE namespace_storage (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    package_type INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    files        INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, package_type)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER package_files_stored AFTER INSERT ON package_files WHEN new.status <> 4 BEGIN
    INSERT INTO project_storage (project_id, package_type, bytes, files)
    SELECT packages.project_id, packages.package_type, blobs.size, 1
      FROM packages, blobs
     WHERE packages.id = new.package_id AND packages.status <> 4 AND blobs.sha256 = new.sha256
        ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, files = files + 1;
END;
-- Where the package goes with its files, its row is gone already: packages_destroyed has counted them.
CREATE TRIGGER package_files_removed AFTER DELETE ON package_files WHEN old.status <> 4 BEGIN
    UPDATE project_storage
       SET bytes = bytes - (SELECT size FROM blobs WHERE sha256 = old.sha256), files = files - 1
     WHERE (project_id, package_type) IN (SELECT project_id, package_type FROM packages WHERE id = old.package_id AND status <> 4);
END;
CREATE TRIGGER package_files_status AFTER UPDATE OF status ON package_files WHEN (old.status = 4) <> (new.status = 4) BEGIN
    UPDATE project_storage
       SET bytes = bytes + iif(new.status = 4, -1, 1) * (SELECT size FROM blobs WHERE sha256 = old.sha256),
           files = files + iif(new.status = 4, -1, 1)
     WHERE (project_id, package_type) IN (SELECT project_id, package_type FROM packages WHERE id = old.package_id AND status <> 4);
END;
CREATE TRIGGER packages_status AFTER UPDATE OF status ON packages WHEN (old.status = 4) <> (new.status = 4) BEGIN
    UPDATE project_storage
       SET (bytes, files) = (SELECT project_storage.bytes + iif(new.status = 4, -1, 1) * coalesce(sum(size), 0),
                                    project_storage.files + iif(new.status = 4, -1, 1) * count(*)
                               FROM package_files JOIN blobs USING (sha256)
                              WHERE package_id = new.id AND package_files.status <> 4)
     WHERE project_id = new.project_id AND package_type = new.package_type;
END;
CREATE TRIGGER packages_destroyed BEFORE DELETE ON packages WHEN old.status <> 4 BEGIN
    UPDATE project_storage
       SET (bytes, files) = (SELECT project_storage.bytes - coalesce(sum(size), 0), project_storage.files - count(*)
                               FROM package_files JOIN blobs USING (sha256)
                              WHERE package_id = old.id AND package_files.status <> 4)
     WHERE project_id = old.project_id AND package_type = old.package_type
       AND EXISTS (SELECT 1 FROM projects WHERE id = old.project_id);
END;
CREATE TRIGGER project_storage_insert AFTER INSERT ON project_storage BEGIN
    INSERT INTO namespace_storage (namespace_id, package_type, bytes, files)
    SELECT ancestor_id, new.package_type, new.bytes, new.files
      FROM projects JOIN namespace_ancestors USING (namespace_id)
     WHERE projects.id = new.project_id
        ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, files = files + excluded.files;
END;
CREATE TRIGGER project_storage_update AFTER UPDATE ON project_storage BEGIN
    UPDATE namespace_storage
       SET bytes = bytes + new.bytes - old.bytes, files = files + new.files - old.files
     WHERE package_type = new.package_type
       AND namespace_id IN (SELECT ancestor_id FROM projects JOIN namespace_ancestors USING (namespace_id) WHERE projects.id = new.project_id);
END;
-- What is deleted with all that lies below it stops counting above it first, while the way up still stands.
CREATE TRIGGER projects_storage BEFORE DELETE ON projects BEGIN
    UPDATE project_storage SET bytes = 0, files = 0 WHERE project_id = old.id AND (bytes <> 0 OR files <> 0);
END;
CREATE TRIGGER namespaces_storage BEFORE DELETE ON namespaces BEGIN
    UPDATE project_storage SET bytes = 0, files = 0
     WHERE project_id IN (SELECT projects.id FROM namespace_ancestors JOIN projects USING (namespace_id) WHERE ancestor_id = old.id)
       AND (bytes <> 0 OR files <> 0);
END;
-- Downloads of a package by day, for its chart; older days are forgotten.
CREATE TABLE package_downloads (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    day        TEXT    NOT NULL,                     -- a date, in UTC
    downloads  INTEGER NOT NULL,
    PRIMARY KEY (package_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX package_downloads_by_day ON package_downloads (day);

-- npm dist-tags and NuGet keywords.
CREATE TABLE package_tags (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX package_tags_by_package ON package_tags (package_id);

-- What was deleted and must not come back with other bytes (npm, Go): one row for each file's content.
CREATE TABLE tombstones (
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_type INTEGER NOT NULL,
    name_key     TEXT    NOT NULL,
    version_key  TEXT    NOT NULL,
    sha256       TEXT    NOT NULL,
    deleted_at   TEXT    NOT NULL,
    PRIMARY KEY (project_id, package_type, name_key, version_key, sha256)
) STRICT, WITHOUT ROWID;

-- Checksums that came before the file they are of (Maven); compared when it comes, forgotten after an hour.
CREATE TABLE early_checksums (
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_type INTEGER NOT NULL,
    name_key     TEXT    NOT NULL,
    version_key  TEXT    NOT NULL,
    file_name    TEXT    NOT NULL,
    algorithm    TEXT    NOT NULL,              -- md5, sha1, sha256, sha512
    digest       TEXT    NOT NULL,
    created_at   TEXT    NOT NULL,
    PRIMARY KEY (project_id, package_type, name_key, version_key, file_name, algorithm)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_checksums_by_age ON early_checksums (created_at);

-- Which pipelines built a package and its files; the id of a link is the cursor of the pipelines list.
CREATE TABLE package_pipelines (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id  INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    pipeline_id INTEGER NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    UNIQUE (package_id, pipeline_id)
) STRICT;
CREATE INDEX package_pipelines_by_pipeline ON package_pipelines (pipeline_id);

CREATE TABLE package_file_pipelines (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    package_file_id INTEGER NOT NULL REFERENCES package_files (id) ON DELETE CASCADE,
    pipeline_id     INTEGER NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    UNIQUE (package_file_id, pipeline_id)
) STRICT;
CREATE INDEX package_file_pipelines_by_pipeline ON package_file_pipelines (pipeline_id);

---------------------------------------------------------------------------------------------------
-- Rules and settings
---------------------------------------------------------------------------------------------------

CREATE TABLE protection_rules (
    id                              INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id                      INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_type                    INTEGER NOT NULL,
    package_name_pattern            TEXT    NOT NULL,   -- '*' stands for any run of characters
    minimum_access_level_for_push   INTEGER,            -- 40, 50, 60 (instance admin); NULL: the normal rule
    minimum_access_level_for_delete INTEGER,            -- 50, 60
    updated_at                      TEXT    NOT NULL,
    UNIQUE (project_id, package_type, package_name_pattern)
) STRICT;

-- Package settings of a group or personal namespace: only those that were set. Values are JSON.
CREATE TABLE package_settings (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,                      -- 'generic_duplicates_allowed'
    value        TEXT    NOT NULL,
    PRIMARY KEY (namespace_id, name)
) STRICT, WITHOUT ROWID;

-- How much a project or group may hold. NULL, or a type that is not named: no limit.
CREATE TABLE quotas (
    id                 INTEGER PRIMARY KEY,
    project_id         INTEGER UNIQUE REFERENCES projects (id) ON DELETE CASCADE,
    namespace_id       INTEGER UNIQUE REFERENCES namespaces (id) ON DELETE CASCADE,
    max_bytes          INTEGER CHECK (max_bytes >= 0),
    max_files          INTEGER CHECK (max_files >= 0),
    max_bytes_per_type TEXT    NOT NULL,                -- JSON: {"npm":1000}
    CHECK ((project_id IS NULL) <> (namespace_id IS NULL))
) STRICT;

-- Which packages go by themselves. NULL is "any" in the first three, "not set" in the limits.
CREATE TABLE retention_rules (
    id                      INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id              INTEGER REFERENCES projects (id) ON DELETE CASCADE,
    namespace_id            INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    package_type            INTEGER,
    name_pattern            TEXT,                       -- '*' stands for any run of characters
    version_pattern         TEXT,
    keep_latest             INTEGER,                    -- of each name, what this rule matches
    older_than_days         INTEGER,
    not_downloaded_for_days INTEGER,
    enabled                 INTEGER NOT NULL,
    next_run_at             TEXT    NOT NULL,
    CHECK ((project_id IS NULL) <> (namespace_id IS NULL))
) STRICT;
CREATE INDEX retention_rules_by_project ON retention_rules (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX retention_rules_by_namespace ON retention_rules (namespace_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX retention_rules_due ON retention_rules (next_run_at) WHERE enabled;

-- Of how many files of one name in a package the older ones go (GitLab's cleanup policy).
CREATE TABLE cleanup_policies (
    project_id                      INTEGER PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    keep_n_duplicated_package_files INTEGER NOT NULL,
    next_run_at                     TEXT    NOT NULL
) STRICT;
CREATE INDEX cleanup_policies_due ON cleanup_policies (next_run_at);

-- What retention rules and cleanup policies have removed; kept for a year.
CREATE TABLE removals (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id   INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    package_id   INTEGER NOT NULL,
    package_type INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    version      TEXT,
    file_name    TEXT,                                  -- of a file that went alone
    bytes        INTEGER NOT NULL,
    rule_id      INTEGER,                               -- NULL: the cleanup policy
    reason       TEXT    NOT NULL,
    removed_at   TEXT    NOT NULL
) STRICT;
CREATE INDEX removals_by_project ON removals (project_id);
CREATE INDEX removals_by_age ON removals (removed_at);

-- Settings of the whole instance. Values are JSON.
CREATE TABLE application_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------------------------------
-- What was done
---------------------------------------------------------------------------------------------------

-- The audit log. Rows outlive what they tell of, so they point at nothing; ids only grow.
CREATE TABLE audit_events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type TEXT    NOT NULL,  -- 'Project', 'Group', 'User', 'Gitlab::Audit::InstanceScope'
    entity_id   INTEGER NOT NULL,
    author_id   INTEGER NOT NULL,  -- a user; negative: none
    event_name  TEXT    NOT NULL,  -- 'package_registry_package_published'
    details     TEXT    NOT NULL,  -- JSON object: names as they were, the address, what has changed
    created_at  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_events_by_entity ON audit_events (entity_type, entity_id, created_at);
CREATE INDEX audit_events_by_age ON audit_events (created_at);
