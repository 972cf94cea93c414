/**
 * The database's history, oldest first; the number of a step is its place in the list and never changes.
 * `schema.md` says what each table is for and how long its rows live.
 */
export const migrations: readonly string[] = [
  /* 1 */ `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE oauth_records (
    model TEXT NOT NULL,
    id_hash TEXT NOT NULL,
    payload TEXT NOT NULL,
    grant_id TEXT,
    uid_hash TEXT,
    consumed_at INTEGER,
    expires_at INTEGER,
    PRIMARY KEY (model, id_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX oauth_records_grant ON oauth_records (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX oauth_records_uid ON oauth_records (uid_hash) WHERE uid_hash IS NOT NULL;
  CREATE INDEX oauth_records_expiry ON oauth_records (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('client', 'key')),
    name TEXT NOT NULL,
    client_id TEXT,
    redirect_host TEXT,
    workspace TEXT NOT NULL,
    access TEXT NOT NULL CHECK (access IN ('look', 'ask', 'everything')),
    tools TEXT,
    token_hash TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    expires_at INTEGER,
    revoked_at INTEGER
  ) STRICT;

  CREATE TABLE servers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('stdio', 'http')),
    command TEXT,
    args TEXT NOT NULL,
    cwd TEXT,
    url TEXT,
    env TEXT NOT NULL,
    headers TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE tool_settings (name TEXT PRIMARY KEY, enabled INTEGER NOT NULL, risk TEXT) STRICT;

  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    tool TEXT NOT NULL,
    tool_title TEXT NOT NULL,
    source TEXT NOT NULL,
    risk TEXT NOT NULL,
    arguments_hash TEXT NOT NULL,
    arguments TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'allowed', 'denied', 'expired', 'used')),
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decided_at INTEGER,
    delivered_at INTEGER
  ) STRICT;
  CREATE INDEX approvals_open ON approvals (grant_id, tool, arguments_hash)
    WHERE state IN ('waiting', 'allowed', 'denied') AND delivered_at IS NULL;

  CREATE TABLE calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    grant_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    tool TEXT NOT NULL,
    source TEXT NOT NULL,
    risk TEXT NOT NULL,
    decision TEXT NOT NULL,
    outcome TEXT NOT NULL,
    duration REAL,
    error TEXT,
    arguments TEXT NOT NULL,
    result TEXT
  ) STRICT;
  CREATE INDEX calls_grant ON calls (grant_id, at);
  `,
  /* 2 */ `
  CREATE TABLE workspaces (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    sources TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE registered_clients (
    client_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    scopes TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    secret_hash TEXT,
    workspace TEXT NOT NULL,
    grant_id TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;

  ALTER TABLE grants ADD COLUMN last_origin TEXT;
  `,
  /* 3 */ `
  CREATE TABLE servers_3 (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('stdio', 'http', 'sse')),
    command TEXT,
    args TEXT NOT NULL,
    cwd TEXT,
    url TEXT,
    env TEXT NOT NULL,
    headers TEXT NOT NULL,
    prefixed INTEGER NOT NULL DEFAULT 1,
    timeout INTEGER NOT NULL DEFAULT 30000,
    wanted TEXT NOT NULL DEFAULT 'running' CHECK (wanted IN ('draft', 'running', 'stopped')),
    oauth TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO servers_3 (id, name, slug, kind, command, args, cwd, url, env, headers, created_at)
    SELECT id, name, slug, kind, command, args, cwd, url, env, headers, created_at FROM servers ORDER BY rowid;
  DROP TABLE servers;
  ALTER TABLE servers_3 RENAME TO servers;

  CREATE TABLE server_facts (
    server_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (server_id, name)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE tool_settings ADD COLUMN alias TEXT;

  CREATE TABLE served_lists (
    grant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    count INTEGER NOT NULL,
    scopes TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, kind)
  ) STRICT, WITHOUT ROWID;
  `,
  /* 4 */ `
  ALTER TABLE servers ADD COLUMN passes_client_context INTEGER NOT NULL DEFAULT 0;
  `,
  /* 5 */ `
  CREATE TABLE known_tools (
    server_id TEXT NOT NULL,
    name TEXT NOT NULL,
    tool_id TEXT NOT NULL UNIQUE,
    definition_hash TEXT NOT NULL,
    risk TEXT NOT NULL CHECK (risk IN ('read', 'write', 'destructive')),
    open_world INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'waiting')),
    wanted_name TEXT,
    public_name TEXT,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (server_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE known_names (
    server_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    public_name TEXT NOT NULL,
    PRIMARY KEY (server_id, kind, name)
  ) STRICT, WITHOUT ROWID;
  `,
  /* 6 */ `
  ALTER TABLE servers ADD COLUMN confined INTEGER NOT NULL DEFAULT 0;
  `,
  /* 7 */ `
  CREATE TABLE calls_unindexed (seq INTEGER PRIMARY KEY) STRICT;
  INSERT INTO calls_unindexed SELECT seq FROM calls;
  CREATE TRIGGER calls_inserted AFTER INSERT ON calls BEGIN
    INSERT INTO calls_unindexed SELECT new.seq WHERE NOT EXISTS (SELECT 1 FROM calls_unindexed WHERE seq = new.seq);
  END;
  CREATE TRIGGER calls_updated AFTER UPDATE ON calls BEGIN
    INSERT INTO calls_unindexed SELECT new.seq WHERE NOT EXISTS (SELECT 1 FROM calls_unindexed WHERE seq = new.seq);
  END;
  CREATE TRIGGER calls_deleted AFTER DELETE ON calls BEGIN
    INSERT INTO calls_unindexed SELECT old.seq WHERE NOT EXISTS (SELECT 1 FROM calls_unindexed WHERE seq = old.seq);
  END;
  `,
  /* a start limit of its own for each server, and what a killed host left running */ `
  ALTER TABLE servers ADD COLUMN start_timeout INTEGER;
  CREATE TABLE server_groups (
    mark TEXT PRIMARY KEY,
    leader INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  /* the log is found by its own order alone, which costs a call one page; rows that ended already are indexed from where the index ends */ `
  DROP TRIGGER calls_inserted;
  DROP TRIGGER calls_updated;
  DROP TRIGGER calls_deleted;
  CREATE TABLE calls_9 (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    grant_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    tool TEXT NOT NULL,
    source TEXT NOT NULL,
    risk TEXT NOT NULL,
    decision TEXT NOT NULL,
    outcome TEXT NOT NULL,
    duration REAL,
    error TEXT,
    arguments TEXT NOT NULL,
    result TEXT
  ) STRICT;
  INSERT INTO calls_9 SELECT seq, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error,
    arguments, result FROM calls ORDER BY seq;
  DROP TABLE calls;
  ALTER TABLE calls_9 RENAME TO calls;
  CREATE INDEX calls_open ON calls (seq) WHERE outcome IN ('running', 'pending');
  CREATE TRIGGER calls_deleted AFTER DELETE ON calls BEGIN
    INSERT INTO calls_unindexed SELECT old.seq WHERE NOT EXISTS (SELECT 1 FROM calls_unindexed WHERE seq = old.seq);
  END;
  `,
  /* until when the owner paused an entry */ `
  ALTER TABLE grants ADD COLUMN paused_until INTEGER;
  `,
  /* answers of the owner that hold for more than one call */ `
  CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    effect TEXT NOT NULL CHECK (effect IN ('allow', 'never')),
    grant_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    tool_id TEXT NOT NULL,
    tool TEXT NOT NULL,
    tool_title TEXT NOT NULL,
    source TEXT NOT NULL,
    risk TEXT NOT NULL,
    arguments_hash TEXT,
    exactly TEXT,
    chat TEXT,
    definition_hash TEXT NOT NULL,
    identity TEXT NOT NULL,
    waives_taint INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL,
    until INTEGER,
    uses INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER,
    last_call TEXT,
    last_line TEXT,
    asleep_since INTEGER,
    asleep_why TEXT
  ) STRICT;
  `,
  /* calls whose client went before they ended: which handle stands for which */ `
  CREATE TABLE late_calls (
    handle TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    key TEXT NOT NULL,
    call TEXT,
    title TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER,
    given INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  `,
  /* what the owner took tools and servers for is kept whole, so that a change can be shown; what he said of a tool himself */ `
  ALTER TABLE known_tools ADD COLUMN definition TEXT;
  CREATE TABLE known_servers (
    server_id TEXT PRIMARY KEY,
    command TEXT,
    origin TEXT,
    version TEXT
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE tool_settings ADD COLUMN risk_for TEXT;
  ALTER TABLE tool_settings ADD COLUMN note TEXT;
    `,
  /* what services of connectors last answered */ `
  CREATE TABLE connector_answers (
    question TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX connector_answers_at ON connector_answers (at);
  `,
  /* how sign-ins of clients ended, by day */ `
  CREATE TABLE sign_ins (
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    worked INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (day, what)
  ) STRICT;
  `,
  `
  ALTER TABLE grants ADD COLUMN address TEXT;
  ALTER TABLE grants ADD COLUMN abilities TEXT;
  `,
  /* what was read that a stranger may have written */ `
  CREATE TABLE taints (
    reader TEXT NOT NULL,
    source TEXT NOT NULL,
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (reader, source)
  ) STRICT, WITHOUT ROWID;
  `,
  /* what a server tells assistants of itself is part of what its owner took it for */
  'ALTER TABLE known_servers ADD COLUMN instructions TEXT',
  /* which values and account a server has */ 'ALTER TABLE servers ADD COLUMN mark TEXT',
  /* what clients asked for in their sessions */ `
  CREATE TABLE session_wishes (
    session TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    uri TEXT NOT NULL,
    level TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (session, uri)
  ) STRICT, WITHOUT ROWID;
  `,
]

/** The same of the log of calls, which has a file of its own. */
export const callLogSteps: readonly string[] = [
  `
  CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    grant_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    tool TEXT NOT NULL,
    source TEXT NOT NULL,
    risk TEXT NOT NULL,
    decision TEXT NOT NULL,
    outcome TEXT NOT NULL,
    duration REAL,
    error TEXT,
    arguments TEXT NOT NULL,
    result TEXT,
    found TEXT,
    link TEXT,
    seal TEXT
  ) STRICT;
  CREATE TABLE calls_begin (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    link TEXT NOT NULL,
    mac TEXT NOT NULL
  ) STRICT;
  CREATE INDEX calls_open ON calls (seq) WHERE outcome IN ('running', 'pending');
  CREATE TABLE calls_unindexed (seq INTEGER PRIMARY KEY) STRICT;
  CREATE TRIGGER calls_deleted AFTER DELETE ON calls BEGIN
    INSERT INTO calls_unindexed SELECT old.seq WHERE NOT EXISTS (SELECT 1 FROM calls_unindexed WHERE seq = old.seq);
  END;
  `,
  /* what let a call through, in words */ 'ALTER TABLE calls ADD COLUMN rule TEXT',
  /* where the clock was set back; 0 once it was looked for */ 'CREATE TABLE calls_turns (seq INTEGER PRIMARY KEY) STRICT',
]

/**
 * The same of the timeline. `seq` is the time of the event, times 1,024, and its place among those of the same millisecond; `key` is of
 * its source and id. `event_sums` are by hours and days (UTC) since 1970: of kind, environment and severity together, and of the source alone.
 * It is opened while calls run, and no copy is made first: a step only adds, in a moment; what takes longer is done a little at a time
 * (`EventTable.catchUp`).
 */
export const timelineSteps: readonly string[] = [
  `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    environment TEXT,
    version TEXT,
    severity TEXT,
    metric TEXT,
    value REAL,
    data TEXT
  ) STRICT;
  CREATE TABLE event_sums (
    unit TEXT NOT NULL CHECK (unit IN ('hour', 'day')),
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    environment TEXT NOT NULL,
    severity TEXT NOT NULL,
    source TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (unit, place, kind, environment, severity, source)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE events_index USING fts5(words, content = '', contentless_delete = 1, detail = none,
    tokenize = "porter unicode61 remove_diacritics 2 tokenchars '._-/:@#+'");
  CREATE TABLE refused_lines (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    place INTEGER NOT NULL,
    line TEXT NOT NULL,
    problem TEXT NOT NULL
  ) STRICT;
  CREATE TABLE watched_files (
    path TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    place INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  /* what metrics were over time: place, of five minutes, and day since 1970, UTC */ `
  CREATE TABLE metric_sums (
    day INTEGER NOT NULL,
    metric TEXT NOT NULL COLLATE NOCASE,
    environment TEXT NOT NULL COLLATE NOCASE,
    place INTEGER NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    least REAL NOT NULL,
    most REAL NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, metric, environment, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS metric_sums_due (before INTEGER NOT NULL) STRICT;
  INSERT INTO metric_sums_due SELECT max(seq) / 1024 + 1 FROM events HAVING max(seq) IS NOT NULL;
  `,
  /* those in which step 2 summed all up at once have nothing due */
  'CREATE TABLE IF NOT EXISTS metric_sums_due (before INTEGER NOT NULL) STRICT',
]
