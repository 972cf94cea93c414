import type { Database } from '../../storage/database/database.ts'
import { quoted } from '../../storage/database/full-text.ts'
import type { DocumentFacts, Hit, IndexedFolder, Listing, SectionShown } from './protocol.ts'
import { snippetOf } from './snippet.ts'
import { hasParts, searchWords, stemOf, wordsIn } from './words.ts'

const mostParts = 40

const columns =
  'd.id, d.uid, d.folder, d.dir, d.name, d.kind, d.size, d.changed_at, d.title, d.links, d.is_partial'
// What stands in the title weighs most, then the path and headings.
const weights = '10.0, 5.0, 4.0, 1.0'
const statementsOf = (db: Database) => ({
  find: db.prepare(
    `SELECT rowid AS id FROM documents_index WHERE documents_index MATCH ? ORDER BY bm25(documents_index, ${weights}) LIMIT ?`,
  ),
  findIn: db.prepare(`SELECT i.rowid AS id FROM documents_index i JOIN documents d ON d.id = i.rowid
    WHERE documents_index MATCH ? AND d.folder = ? ORDER BY bm25(documents_index, ${weights}) LIMIT ?`),
  parts: db.prepare(`SELECT word FROM word_parts WHERE word_parts MATCH ? LIMIT ${mostParts}`),
  spread: db.prepare('SELECT doc AS n FROM documents_words WHERE term = ?'),
  one: db.prepare(`SELECT ${columns} FROM documents d WHERE id = ? AND state = 'indexed'`),
  byUid: db.prepare(`SELECT ${columns} FROM documents d WHERE uid = ? AND state = 'indexed'`),
  byPath: db.prepare(
    `SELECT ${columns} FROM documents d WHERE folder = ? AND dir = ? AND name = ? AND state = 'indexed'`,
  ),
  byName: db.prepare(
    `SELECT ${columns} FROM documents d WHERE name IN (?1, ?1 || '.md', ?1 || '.txt', ?1 || '.html', ?1 || '.pdf', ?1 || '.docx') AND state = 'indexed' LIMIT 5`,
  ),
  inDir: db.prepare(
    `SELECT ${columns} FROM documents d WHERE folder = ? AND dir = ? AND state = 'indexed' ORDER BY name LIMIT ?`,
  ),
  dirs: db.prepare("SELECT DISTINCT dir FROM documents WHERE folder = ? AND state = 'indexed' ORDER BY dir"),
  recent:
    db.prepare(`SELECT ${columns} FROM documents d WHERE state = 'indexed' AND (?1 IS NULL OR folder = ?1)
    ORDER BY changed_at DESC LIMIT ?2`),
  sections: db.prepare('SELECT label, text FROM sections WHERE document = ? ORDER BY number'),
  section: db.prepare('SELECT label, text FROM sections WHERE document = ? AND number = ?'),
  labels: db.prepare('SELECT label FROM sections WHERE document = ? ORDER BY number LIMIT 200'),
  howMany: db.prepare('SELECT count(*) AS n FROM sections WHERE document = ?'),
})

interface Row {
  id: number
  uid: string
  folder: string
  dir: string
  name: string
  kind: string
  size: number
  changed_at: number
  title: string
  links: string
  is_partial: number
}
interface SectionRow {
  label: string
  text: string
}

/** Finds and shows what is in the index. */
export class DocumentSearch {
  readonly #sql
  readonly #folders: () => ReadonlyMap<string, IndexedFolder>

  constructor(db: Database, folders: () => ReadonlyMap<string, IndexedFolder>) {
    this.#sql = statementsOf(db)
    this.#folders = folders
  }

  search(asked: { query: string; limit: number; folder: string | null }): Hit[] {
    const words = searchWords(asked.query)
    if (words.length === 0) return []
    const folder = asked.folder === null ? null : this.#folderNamed(asked.folder)
    if (folder === undefined) return []
    const groups = words.map((word) => this.#formsOf(word))
    const all = this.#ids(groups.join(' AND '), folder?.id ?? null, asked.limit)
    // Most questions have words that the answer has not.
    const some =
      all.length >= asked.limit || groups.length === 1
        ? []
        : this.#ids(groups.join(' OR '), folder?.id ?? null, asked.limit)
    return [...new Set([...all, ...some])].slice(0, asked.limit).flatMap((id) => {
      const row = this.#known(this.#sql.one.get(id))
      return row ? [this.#hit(row, words)] : []
    })
  }

  fetch({ id, longest }: { id: string; longest: number }): (Hit & { isWhole: boolean }) | null {
    const row = this.#known(this.#sql.byUid.get(id))
    if (!row) return null
    let text = ''
    for (const one of this.#sql.sections.iterate(row.id) as Iterable<SectionRow>) {
      text += `${text === '' ? '' : '\n\n'}${one.text}`
      if (text.length > longest) break
    }
    const isWhole = text.length <= longest && row.is_partial === 0
    return { ...this.#shown(row), text: text.slice(0, longest), isWhole }
  }

  read(asked: { id: string; section: number; offset: number; longest: number }): SectionShown | null {
    const row = this.#known(this.#sql.byUid.get(asked.id))
    if (!row) return null
    const found = this.#sql.section.get(row.id, asked.section - 1) as SectionRow | undefined
    const { n } = this.#sql.howMany.get(row.id) as { n: number }
    const end = asked.offset + asked.longest
    return {
      ...this.#shown(row),
      section: asked.section,
      sections: n,
      label: found?.label ?? '',
      text: found?.text.slice(asked.offset, end) ?? '',
      nextOffset: found && found.text.length > end ? end : null,
      contents: (this.#sql.labels.all(row.id) as { label: string }[]).map(({ label }) => label),
    }
  }

  /** `path`: `''` for all folders, else the name of one, and what is in it after a slash. */
  list({ path }: { path: string }): Listing | null {
    const clean = path.replace(/^\/+|\/+$/g, '')
    if (clean === '')
      return {
        ...{ path: '', documents: [], isPartial: false },
        folders: [...this.#folders().values()].map(({ name }) => name),
      }
    const [name = '', ...below] = clean.split('/')
    const folder = this.#folderNamed(name)
    if (!folder) return null
    const dir = below.join('/')
    const start = dir === '' ? '' : `${dir}/`
    const all = (this.#sql.dirs.all(folder.id) as { dir: string }[]).map((row) => row.dir)
    if (dir !== '' && !all.some((one) => one === dir || one.startsWith(start))) return null
    const children = new Set(
      all
        .filter((one) => one !== dir && one.startsWith(start))
        .map((one) => one.slice(start.length).split('/')[0]!),
    )
    const rows = this.#sql.inDir.all(folder.id, dir, listed + 1) as unknown as Row[]
    return {
      path: clean,
      folders: [...children].slice(0, listed).map((child) => `${clean}/${child}`),
      documents: rows.slice(0, listed).map((row) => this.#shown(row)),
      isPartial: rows.length > listed || children.size > listed,
    }
  }

  recent({ limit, folder }: { limit: number; folder: string | null }): Hit[] {
    const only = folder === null ? null : this.#folderNamed(folder)
    if (only === undefined) return []
    const rows = this.#sql.recent.all(only?.id ?? null, limit) as unknown as Row[]
    return rows.flatMap((row) => (this.#known(row) ? [this.#hit(row, [])] : []))
  }

  related({ id, limit }: { id: string; limit: number }): (Hit & { why: string })[] | null {
    const row = this.#known(this.#sql.byUid.get(id))
    if (!row) return null
    const found = new Map<number, { row: Row; why: string }>()
    const add = (one: Row | undefined, why: string) => {
      if (one && one.id !== row.id && !found.has(one.id)) found.set(one.id, { row: one, why })
    }
    for (const link of JSON.parse(row.links) as string[])
      for (const one of this.#linked(row, link)) add(one, 'linked')
    const rare = this.#rareWords(row.id)
    if (rare.length > 0)
      for (const one of this.#ids(rare.map(quoted).join(' OR '), null, limit + 1))
        add(this.#known(this.#sql.one.get(one)), 'shares rare words')
    for (const one of this.#sql.inDir.all(row.folder, row.dir, limit + 1) as unknown as Row[])
      add(one, 'same folder')
    return [...found.values()].slice(0, limit).map((one) => ({ ...this.#hit(one.row, rare), why: one.why }))
  }

  /** By the address that we gave it: `document:///{folder}/{path}`. */
  idAt({ uri }: { uri: string }): string | null {
    try {
      const [name = '', ...path] = uri
        .replace(/^(?:document|file):\/\/\//, '')
        .split('/')
        .map(decodeURIComponent)
      const folder = this.#folderNamed(name)
      const row = folder && this.#sql.byPath.get(folder.id, path.slice(0, -1).join('/'), path.at(-1) ?? '')
      return (row as Row | undefined)?.uid ?? null
    } catch {
      return null
    }
  }

  /** A word as it is, with other endings, and as part of a longer one: what the index is asked for. Quoted here only. */
  #formsOf(word: string): string {
    const stem = stemOf(word)
    const forms = new Set([quoted(word)])
    if (stem.length >= 4 || /\d/.test(word)) forms.add(`${quoted(stem)} *`)
    if (stem.length >= 4 || hasParts(word))
      for (const part of this.#sql.parts.all(quoted(stem)) as { word: string }[]) forms.add(quoted(part.word))
    return `(${[...forms].join(' OR ')})`
  }

  #ids(query: string, folder: string | null, limit: number): number[] {
    const rows =
      folder === null ? this.#sql.find.all(query, limit) : this.#sql.findIn.all(query, folder, limit)
    return (rows as { id: number }[]).map(({ id }) => id)
  }

  #rareWords(id: number): string[] {
    const counts = new Map<string, number>()
    let left = 50_000
    for (const { text } of this.#sql.sections.iterate(id) as Iterable<SectionRow>) {
      for (const word of wordsIn(text.slice(0, left)))
        if (word.length >= 5) counts.set(word, (counts.get(word) ?? 0) + 1)
      left -= text.length
      if (left <= 0) break
    }
    const words = [...counts.keys()].slice(0, 300)
    return words
      .map((word) => ({ word, n: (this.#sql.spread.get(word) as { n: number } | undefined)?.n ?? 0 }))
      .filter(({ n }) => n >= 2 && n <= 50)
      .sort((a, b) => a.n - b.n)
      .slice(0, 12)
      .map(({ word }) => word)
  }

  #linked(from: Row, link: string): Row[] {
    const plain = safeDecoded(link.split('#')[0]!)
    if (plain === '' || /^[a-z][a-z0-9+.-]*:/i.test(plain)) return []
    const path = URL.parse(encoded(plain), `file:///${encoded(from.dir)}/`)
    if (path === null) return []
    const parts = path.pathname.split('/').filter(Boolean).map(safeDecoded)
    const exact = this.#sql.byPath.get(from.folder, parts.slice(0, -1).join('/'), parts.at(-1) ?? '') as
      | Row
      | undefined
    if (exact) return [exact]
    return (this.#sql.byName.all(plain) as unknown as Row[]).filter(({ folder }) => folder === from.folder)
  }

  #hit(row: Row, words: readonly string[]): Hit {
    const sections = this.#sql.sections.all(row.id) as unknown as SectionRow[]
    const { section, text } = snippetOf(sections, words)
    const shown = this.#shown(row)
    return {
      ...{ ...shown, text },
      metadata: {
        ...shown.metadata,
        ...(sections.length > 1 && { section: section + 1, sectionLabel: sections[section]!.label }),
      },
    }
  }

  #shown(row: Row): { id: string; title: string; url: string; metadata: DocumentFacts } {
    const folder = this.#folders().get(row.folder)?.name ?? ''
    const path = row.dir === '' ? row.name : `${row.dir}/${row.name}`
    const modified = new Date(row.changed_at).toISOString()
    return {
      id: row.uid,
      title: row.title,
      url: `file:///${[folder, ...path.split('/')].map(encodeURIComponent).join('/')}`,
      metadata: { folder, path, kind: row.kind, modified, size: row.size },
    }
  }

  /** Of a folder that is no more, something may be there for a moment. */
  #known(row: unknown): Row | undefined {
    const known = row as Row | undefined
    return known && this.#folders().has(known.folder) ? known : undefined
  }

  #folderNamed(name: string): IndexedFolder | undefined {
    return [...this.#folders().values()].find((one) => one.name === name)
  }
}

/** Entries of one kind in one answer. */
const listed = 500

/** What a document says is a link may end with half a letter. */
const encoded = (path: string): string =>
  path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')

function safeDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
