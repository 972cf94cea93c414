/** The index of the user's folders, a file of its own (`folders.db`): all of it can be made again from the folders. */
export const indexSteps: readonly string[] = [
  `CREATE TABLE documents (
     id INTEGER PRIMARY KEY,
     -- as assistants know it; made of folder and path, so that it is the same in an index that was made anew
     uid TEXT NOT NULL UNIQUE,
     folder TEXT NOT NULL,
     dir TEXT NOT NULL,
     name TEXT NOT NULL,
     kind TEXT,
     size INTEGER NOT NULL,
     changed_at REAL NOT NULL,
     -- waiting, indexed, skipped
     state TEXT NOT NULL,
     reason TEXT,
     title TEXT,
     links TEXT,
     is_partial INTEGER NOT NULL DEFAULT 0,
     UNIQUE (folder, dir, name)
   ) STRICT;
   CREATE INDEX documents_by_state ON documents (state, folder, reason);
   CREATE INDEX documents_by_time ON documents (changed_at) WHERE state = 'indexed';
   CREATE INDEX documents_by_name ON documents (name);
   CREATE TABLE sections (
     document INTEGER NOT NULL,
     number INTEGER NOT NULL,
     label TEXT NOT NULL,
     text TEXT NOT NULL,
     UNIQUE (document, number)
   ) STRICT;
   CREATE VIRTUAL TABLE documents_index USING fts5(title, path, headings, body, content = '', contentless_delete = 1,
     tokenize = "unicode61 remove_diacritics 2");
   CREATE VIRTUAL TABLE documents_words USING fts5vocab(documents_index, row);
   -- long words, so that one is found by a part of it
   CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
   CREATE VIRTUAL TABLE word_parts USING fts5(word, tokenize = 'trigram');`,
]
