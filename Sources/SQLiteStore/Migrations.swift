// The tables, as they came to be. A migration that has been released never changes.

import GRDB

let migrations: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: batches, logs, images, uploads, jobs") { database in
        try database.execute(
            sql: """
                CREATE TABLE batch (
                    id TEXT PRIMARY KEY,
                    owner TEXT NOT NULL,
                    createdAt TEXT NOT NULL,
                    epoch TEXT NOT NULL,
                    recipe TEXT NOT NULL,
                    state TEXT NOT NULL,
                    seq INTEGER NOT NULL,
                    firstSeq INTEGER NOT NULL DEFAULT 1,
                    imageCount INTEGER NOT NULL,
                    unfinishedCount INTEGER NOT NULL,
                    nextPosition INTEGER NOT NULL DEFAULT 0,
                    bytes INTEGER NOT NULL DEFAULT 0,
                    turn INTEGER NOT NULL DEFAULT 0
                ) WITHOUT ROWID;
                CREATE INDEX batchByOwner ON batch (owner, createdAt);
                CREATE INDEX batchByTurn ON batch (turn);

                CREATE TABLE deletedBatch (id TEXT PRIMARY KEY) WITHOUT ROWID;

                CREATE TABLE event (
                    batch TEXT NOT NULL REFERENCES batch ON DELETE CASCADE,
                    seq INTEGER NOT NULL,
                    type TEXT NOT NULL,
                    image TEXT,
                    text TEXT NOT NULL,
                    PRIMARY KEY (batch, seq)
                ) WITHOUT ROWID;

                CREATE TABLE image (
                    id TEXT PRIMARY KEY,
                    batch TEXT NOT NULL REFERENCES batch ON DELETE CASCADE,
                    document TEXT NOT NULL,
                    sha256 TEXT,
                    bytes INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE INDEX imageByBatch ON image (batch);
                CREATE INDEX imageByBlob ON image (sha256);

                CREATE TABLE rendition (
                    image TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
                    name TEXT NOT NULL,
                    width INTEGER NOT NULL,
                    height INTEGER NOT NULL,
                    mediaType TEXT NOT NULL,
                    sha256 TEXT NOT NULL,
                    bytes INTEGER NOT NULL,
                    PRIMARY KEY (image, name)
                ) WITHOUT ROWID;
                CREATE INDEX renditionByBlob ON rendition (sha256);

                CREATE TABLE upload (
                    id TEXT PRIMARY KEY,
                    batch TEXT NOT NULL REFERENCES batch ON DELETE CASCADE,
                    image TEXT REFERENCES image ON DELETE CASCADE,
                    resumable INTEGER NOT NULL,
                    length INTEGER,
                    offset INTEGER NOT NULL,
                    metadata TEXT,
                    expiresAt REAL NOT NULL,
                    complete INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE UNIQUE INDEX uploadByImage ON upload (image);
                CREATE INDEX uploadByBatch ON upload (batch);

                CREATE TABLE job (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    image TEXT NOT NULL UNIQUE REFERENCES image ON DELETE CASCADE,
                    batch TEXT NOT NULL REFERENCES batch ON DELETE CASCADE,
                    boot TEXT,
                    attempts INTEGER NOT NULL DEFAULT 0,
                    workerLosses INTEGER NOT NULL DEFAULT 0,
                    serverLosses INTEGER NOT NULL DEFAULT 0
                );
                CREATE INDEX jobByBatch ON job (boot, batch, number);
                """)
    }
    migrator.registerMigration("2: lanes") { database in
        try database.execute(
            sql: """
                ALTER TABLE job ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
                DROP INDEX jobByBatch;
                CREATE INDEX jobByLane ON job (boot, lane, batch, number);
                """)
    }
    migrator.registerMigration("3: times of encodes") { database in
        try database.execute(
            sql: """
                CREATE TABLE encodeTime (
                    format TEXT NOT NULL,
                    scale INTEGER NOT NULL,
                    rate REAL NOT NULL,
                    count INTEGER NOT NULL,
                    PRIMARY KEY (format, scale)
                ) WITHOUT ROWID;
                """)
    }
    migrator.registerMigration("4: sizes of originals") { database in
        try database.execute(
            sql: "CREATE INDEX imageBySize ON image (bytes) WHERE sha256 IS NOT NULL")
    }
    migrator.registerMigration("5: photos that others may be copies of") { database in
        // In the order in which `copyTwin` takes them, so that it looks at one, however many there are.
        try database.execute(
            sql: """
                CREATE INDEX readyByBlob ON image (sha256, document ->> '$.sameAs' IS NOT NULL, id)
                WHERE document ->> '$.state' = 'ready'
                """)
    }
    migrator.registerMigration("keys of requests, idle uploads") { database in
        try database.execute(
            sql: """
                CREATE TABLE requestKey (
                    scope TEXT NOT NULL,
                    word TEXT NOT NULL,
                    place INTEGER NOT NULL,
                    request TEXT NOT NULL,
                    batch TEXT NOT NULL REFERENCES batch ON DELETE CASCADE,
                    upload TEXT REFERENCES upload ON DELETE CASCADE,
                    keptUntil REAL,
                    PRIMARY KEY (scope, word, place)
                ) WITHOUT ROWID;
                CREATE INDEX requestKeyByBatch ON requestKey (batch);
                CREATE INDEX requestKeyByUpload ON requestKey (upload) WHERE upload IS NOT NULL;
                CREATE INDEX requestKeyByEnd ON requestKey (keptUntil)
                    WHERE keptUntil IS NOT NULL;

                ALTER TABLE upload ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX uploadOpen ON upload (complete) WHERE complete = 0;
                """)
    }
    migrator.registerMigration("images by their positions, and how many are ready") { database in
        try database.execute(
            sql: """
                CREATE INDEX imageByPosition ON image (batch, document ->> '$.position');
                CREATE INDEX readyByBatch ON image (batch)
                WHERE document ->> '$.state' = 'ready';
                """)
    }
    migrator.registerMigration("turns of who asks, of owners and of batches") { database in
        try database.execute(sql: Turns.schema)
    }
    migrator.registerMigration("losses of CPU time and of memory") { database in
        try database.execute(
            sql: """
                ALTER TABLE job ADD COLUMN cpuLosses INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE job ADD COLUMN memoryLosses INTEGER NOT NULL DEFAULT 0;
                """)
    }
    migrator.registerMigration("parts, and jobs of a batch and of a server") { database in
        try database.execute(
            sql: """
                CREATE INDEX partByBatch ON upload (batch) WHERE image IS NULL;
                DROP INDEX jobByLane;
                CREATE INDEX jobByBatch ON job (batch, lane, number);
                CREATE INDEX jobRunning ON job (boot) WHERE boot IS NOT NULL;
                """)
    }
    migrator.registerMigration("originals and ready photos by their owner") { database in
        try database.execute(sql: Twins.schema)
    }
    migrator.registerMigration("batches that are deleted in slices") { database in
        try database.execute(sql: Deletion.schema + Turns.deletionSchema)
    }
    migrator.registerMigration("blobs that nobody names any more") { database in
        try database.execute(sql: Released.schema)
    }
    migrator.registerMigration("rights, and invitations to take one") { database in
        try database.execute(sql: Grants.schema)
    }
    migrator.registerMigration("names of batches") { database in
        try database.execute(sql: "ALTER TABLE batch ADD COLUMN name TEXT")
    }
    migrator.registerMigration("images that have files, by their positions") { database in
        try database.execute(
            sql: """
                CREATE INDEX imageWithFiles ON image (batch, document ->> '$.position')
                WHERE sha256 IS NOT NULL;
                """)
    }
    migrator.registerMigration("drop links, and who manages a batch") { database in
        try database.execute(sql: DropLinks.schema)
    }
    migrator.registerMigration("keys of apps, and what they signed") { database in
        try database.execute(sql: SignedGrants.schema)
    }
    migrator.registerMigration("batches that end") { database in
        try database.execute(sql: Deletion.endSchema)
    }
    migrator.registerMigration("what each owner has") { database in
        try database.execute(sql: OwnerUse.schema)
    }
    migrator.registerMigration("manage links, and who has taken one") { database in
        try database.execute(sql: ManageLinks.schema)
    }
    migrator.registerMigration("passwords of drop links") { database in
        try database.execute(sql: DropLinks.passwordSchema)
    }
    migrator.registerMigration("what the operator sees and has told") { database in
        try database.execute(sql: Operator.schema)
    }
    return migrator
}()
